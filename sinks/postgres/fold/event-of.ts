// Events by their type.
import type { AnyEvent, EventType } from '#domain/messages.ts';

/** An event of one of these types. */
export type EventOf<Type extends EventType> = Extract<AnyEvent, { readonly type: Type }>;
