// Ids of facts of which one event makes several: they follow from the event, so that a replay names the same facts.
import { v5 as uuidV5 } from 'uuid';

/** Id of the fact at a place (0, 1, …) among those of one kind that an event makes. */
export const factIdOf = (kind: 'cash-flow' | 'journal-entry', eventId: string, place: number): string =>
  uuidV5(`${kind} ${place}`, eventId);

const findings = 'b6a8f2a2-6a5e-4b8e-9d59-0c7f1b7b3f01';

/** Id of a finding: one for each check and subject, so that it is opened and resolved under the same id. */
export const findingIdOf = (check: string, subjectId: string): string => uuidV5(`${check} ${subjectId}`, findings);
