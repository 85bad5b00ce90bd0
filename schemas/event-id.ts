// The id of an event: it follows from the command that led to it, so that a repeated command names the same events.
import { v5 as uuidV5 } from 'uuid';

/** Record header of a command: SHA-256 of what its sender asked for, hexadecimal. The intake writes it, the ledger reads it. */
export const contentDigestHeader = 'content_digest';

/**
 * Id of the event at a place (0, 1, …) of a command's decision. With a digest of the command's content, two different contents under
 * one command id would have led to different events: whoever repeats a command compares ids and knows whether it is the same command.
 */
export const eventIdOf = (commandId: string, place: number, contentDigest: string | null): string =>
  uuidV5(contentDigest === null ? String(place) : `${place} ${contentDigest}`, commandId);
