// `stratcap verify`: both stores against the log.
import { formatMoney } from '#domain/money/money.ts';
import { verify, type VerifyResult } from '../../operations/verify/verify.ts';
import { logEpoch, type Context } from '../context.ts';

/** Runs the comparison; progress goes to the function given. */
export const runVerify = async (context: Context, onProgress?: (text: string) => void): Promise<VerifyResult> =>
  await verify({
    kafka: await context.kafka(),
    codec: context.codec,
    topicPrefix: context.config.topicPrefix,
    epoch: logEpoch,
    pool: context.pool(),
    warehouse: context.warehouse(),
    ...(onProgress === undefined ? {} : { onProgress }),
  });

const shownDifferences = 50;

/** The result as a person reads it: the count last, each difference with its row. */
export const verifyText = ({ differences, events, funds, investors, commitments, committedByCurrency }: VerifyResult): string =>
  [
    `The log has ${events} events: ${funds} funds, ${investors} investors, ${commitments} commitments${[...committedByCurrency].map(([currency, minor]) => `, ${currency} ${formatMoney(minor)} committed`).join('')}.`,
    ...differences
      .slice(0, shownDifferences)
      .map(
        ({ where, table, key, field, expected, found }) =>
          `${where} ${table} ${key}: ${field} should be ${expected ?? 'null'}, is ${found ?? 'null'}`,
      ),
    ...(differences.length > shownDifferences ? [`… and ${differences.length - shownDifferences} more (--json prints all)`] : []),
    `${differences.length} differences`,
  ].join('\n');
