// What changed in the operational model, as its sink announces it and as readers are told: ids to refetch, never figures.
import { z } from 'zod';
import { sources } from '../position/reached.ts';

/** Payload of NOTIFY stratcap_changes, sent by the sink in the transaction of the rows. */
export const notification = z.object({
  all: z.boolean().optional(),
  funds: z.array(z.string()).default([]),
  investors: z.array(z.string()).default([]),
  source: z.enum(sources).optional(),
  partition: z.number().int().nonnegative().optional(),
  next_offset: z.union([z.string().regex(/^\d+$/), z.number().int().nonnegative()]).optional(),
});
export type Notification = z.output<typeof notification>;

/** An invalidation: readers that show one of these ids, or anything when `all`, fetch again. */
export interface Change {
  readonly all: boolean;
  readonly funds: readonly string[];
  readonly investors: readonly string[];
}

/** Above this many ids a change is told as "anything may have changed": a page shows fewer rows than that. */
const idsMax = 400;

export const nothingChanged: Change = { all: false, funds: [], investors: [] };
export const anythingChanged: Change = { all: true, funds: [], investors: [] };

/** A notification that nobody can read counts as "anything may have changed": a reader must never miss a change. */
export const parseNotification = (payload: string): Notification => {
  try {
    const parsed = notification.safeParse(JSON.parse(payload));
    return parsed.success ? parsed.data : { all: true, funds: [], investors: [] };
  } catch {
    return { all: true, funds: [], investors: [] };
  }
};

/** Both changes as one, for bursts. */
export const mergeChanges = (left: Change, right: Change): Change => {
  if (left.all || right.all) return anythingChanged;
  const funds = [...new Set([...left.funds, ...right.funds])];
  const investors = [...new Set([...left.investors, ...right.investors])];
  return funds.length + investors.length > idsMax ? anythingChanged : { all: false, funds, investors };
};
