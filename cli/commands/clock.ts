// `stratcap clock advance`: lets business days begin by hand, for who books the past or has no role clock running.
import { advanceClock, type ClockReport } from '../../producers/clock/clock.ts';
import { createIntake } from '../../producers/commands/intake.ts';
import { logEpoch, type Context } from '../context.ts';

/** Lets the business days of a range begin, or the last one up to a date. */
export const runClockAdvance = async (
  context: Context,
  range: { readonly from?: string; readonly to: string },
): Promise<ClockReport> => {
  const { config, codec, logger } = context;
  const { topicPrefix, partitions, tenantId } = config;
  const intake = await createIntake({ kafka: await context.kafka(), codec, topicPrefix, partitions, epoch: logEpoch, logger });
  try {
    return await advanceClock(
      {
        submit: async (command) => await intake.submit(command, { withPosition: false }),
        partitions,
        tenantId,
        nowMs: Date.now,
      },
      range,
    );
  } finally {
    await intake.close();
  }
};

/** The report as a person reads it. */
export const clockText = ({ days, began, known, refused, pending }: ClockReport): string =>
  days.length === 0
    ? 'There is no business day in this range.'
    : `${days[0] ?? ''} to ${days.at(-1) ?? ''}: began in ${began} partitions and days, had begun in ${known}, ${refused} are further on${pending === 0 ? '' : `, ${pending} are not decided yet`}.`;
