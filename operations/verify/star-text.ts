// How values of the star schema are written for a comparison, in forms of verify's own.
import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import type { Micros, TierAmount, Uuid } from '#domain/messages.ts';
import type { Cells } from './compare.ts';
import type { PlacedEvent } from './model.ts';
import { clickhouseInstant, decimalText } from './text.ts';

/** Stands for no investor, no commitment, no investment. */
export const nobody = '00000000-0000-0000-0000-000000000000';
export const text = (value: string | number | boolean | null): string | null => (value === null ? null : String(value));
export const dateId = (date: string): string => date.replaceAll('-', '');
/** Key of a version of a dimension: the first eight bytes of a digest. */
export const versionKey = (id: Uuid, version: number): string =>
  BigInt(`0x${createHash('sha256').update(`${id}:${version}`).digest('hex').slice(0, 16)}`).toString();
export const performanceId = (fundId: Uuid, subject: Uuid, date: string): string => uuidV5(`${subject}|${date}`, fundId);

/** Version of a row that follows from an event at a place: epoch in the upper 16 bits, offset in the lower 48. */
export const versionAt = (offset: bigint, epoch: number): string => ((BigInt(epoch) << 48n) + offset).toString();
/** Where a row comes from. */
export const lineage = ({ event, partition, offset }: PlacedEvent, epoch: number): Cells => ({
  _version: versionAt(offset, epoch),
  _partition: String(partition),
  recorded_at: instant(event.value.envelope.recorded_at),
});
const instant = (micros: Micros): string => clickhouseInstant(micros);

/** Tiers of a waterfall as columns of lists. */
export const tierCells = (tiers: readonly TierAmount[]): Cells => {
  const list = (part: (tier: TierAmount) => string | number | null): string => JSON.stringify(tiers.map(part));
  return {
    tiers: list(({ tier }) => tier),
    tier_places: list(({ place }) => place),
    tier_partners: list(({ partner }) => partner ?? ''),
    tier_deals: list(({ deal }) => deal ?? ''),
    tier_lp_amounts: list(({ lp }) => decimalText(lp)),
    tier_gp_amounts: list(({ gp }) => decimalText(gp)),
  };
};
