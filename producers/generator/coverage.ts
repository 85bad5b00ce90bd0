// Whether a generated set of funds shows enough of everything to be worth testing with.
import type { CommandType } from '#domain/messages.ts';
import type { GeneratedCommand } from './simulation.ts';
import { coveredTerms } from './terms.ts';

/** Least that a full set must show. */
export const coverageLimits = {
  fundsPerTerm: 20,
  perCommandType: 100,
  backDatedShare: 0.05,
  correctedShare: 0.02,
  currencies: 3,
  investorsOfLargestFund: 2_000,
} as const;

export interface Coverage {
  readonly funds: number;
  readonly commands: number;
  /** Attempts that the ledger refused: they are not in the file. */
  readonly refused: number;
  readonly fundsByTerm: Readonly<Record<string, number>>;
  readonly byCommandType: Readonly<Record<string, number>>;
  readonly backDated: number;
  readonly corrected: number;
  readonly currencies: readonly string[];
  readonly investorsOfLargestFund: number;
  /** What lies below its limit, in words; empty when nothing does. */
  readonly shortfalls: readonly string[];
}

const count = (items: Iterable<string>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
};

/** Measures a set. `types` are all command types that there are. */
export const coverageOf = (
  set: {
    readonly commands: readonly GeneratedCommand[];
    readonly refused: number;
    readonly terms: readonly (readonly string[])[];
    readonly currencies: ReadonlySet<string>;
    readonly investorsOfLargestFund: number;
    readonly clockDays: number;
  },
  types: readonly CommandType[],
): Coverage => {
  const fundsByTerm = count(set.terms.flat());
  const byCommandType = { ...count(set.commands.map(({ command }) => command.type)), AdvanceBusinessDate: set.clockDays };
  const commands = set.commands.length + set.clockDays;
  const backDated = set.commands.filter(({ isBackDated }) => isBackDated).length;
  const corrected = set.commands.filter(({ isCorrection }) => isCorrection).length;
  const limits = coverageLimits;
  const share = (part: number): string => `${((100 * part) / Math.max(1, commands)).toFixed(1)} %`;
  return {
    funds: set.terms.length,
    commands,
    refused: set.refused,
    fundsByTerm,
    byCommandType,
    backDated,
    corrected,
    currencies: [...set.currencies].sort(),
    investorsOfLargestFund: set.investorsOfLargestFund,
    shortfalls: [
      ...coveredTerms
        .filter((term) => (fundsByTerm[term] ?? 0) < limits.fundsPerTerm)
        .map((term) => `term ${term} in ${fundsByTerm[term] ?? 0} funds, at least ${limits.fundsPerTerm} are wanted`),
      ...types
        .filter((type) => ((byCommandType as Record<string, number>)[type] ?? 0) < limits.perCommandType)
        .map(
          (type) =>
            `command ${type} ${(byCommandType as Record<string, number>)[type] ?? 0} times, at least ${limits.perCommandType} are wanted`,
        ),
      ...(backDated < commands * limits.backDatedShare ? [`${share(backDated)} back-dated, at least 5 % are wanted`] : []),
      ...(corrected < commands * limits.correctedShare ? [`${share(corrected)} corrected, at least 2 % are wanted`] : []),
      ...(set.currencies.size < limits.currencies ? [`${set.currencies.size} currencies, at least 3 are wanted`] : []),
      ...(set.investorsOfLargestFund < limits.investorsOfLargestFund
        ? [`the largest fund has ${set.investorsOfLargestFund} investors, at least ${limits.investorsOfLargestFund} are wanted`]
        : []),
    ],
  };
};
