// Increases, decreases, transfers and cancellations of a commitment, on either side of a transfer.
import type { z } from 'zod';
import { columnSet, kinds, told } from '../columns.ts';
import type { Snapshot } from '../database.ts';

const modification = columnSet({
  modification_id: kinds.id,
  commitment_id: kinds.id,
  modification_type: kinds.text,
  old_amount: kinds.money,
  new_amount: kinds.money,
  to_commitment_id: told(kinds.idOrNull, 'Of a transfer, the commitment that came into being.'),
  called_inside_moved: kinds.money,
  called_outside_moved: kinds.money,
  paid_in_moved: kinds.money,
  distributed_moved: kinds.money,
  recallable_moved: kinds.money,
  effective_date: kinds.date,
  reason: kinds.textOrNull,
  created_at: kinds.instant,
});
export const modificationRow = modification.shape;

/** Modifications of a commitment, and the transfer by which it came into being, oldest first. */
export const modificationsOf = (snapshot: Snapshot, commitmentId: string): Promise<readonly z.output<typeof modificationRow>[]> =>
  snapshot.rows(
    modificationRow,
    `SELECT ${modification.select('m')} FROM commitment_modifications m WHERE m.commitment_id = $1 OR m.to_commitment_id = $1
      ORDER BY m.effective_date, m.created_at, m.modification_id`,
    [commitmentId],
  );
