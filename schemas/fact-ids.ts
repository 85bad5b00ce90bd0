// Ids of facts of which one event makes several: they follow from the event, so that a replay names the same facts.
import { v5 as uuidV5 } from 'uuid';

/** Id of the fact at a place (0, 1, …) among those of one kind that an event makes. */
export const factIdOf = (kind: 'cash-flow' | 'journal-entry', eventId: string, place: number): string =>
  uuidV5(`${kind} ${place}`, eventId);
