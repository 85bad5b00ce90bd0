// Generates whole fund lives as a file of commands: the same bytes for the same seed. It feeds tests, the demonstration and benchmarks.
import { addDays, addMonths } from '#domain/dates/local-date.ts';
import type { AnyCommand, CommandType, LocalDate, Uuid } from '#domain/messages.ts';
import { formatMoney } from '#domain/money/money.ts';
import { stableId } from '../stable-ids.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import { liveFund } from './fund-life.ts';
import { createRandom } from './random.ts';
import { createSimulation, type GeneratedCommand, type Simulation } from './simulation.ts';
import { bookInvestors, bookReferenceData, bookTakenOver, investorViews } from './surroundings.ts';

export interface GenerateOptions {
  readonly funds: number;
  /** Investors of an ordinary fund, at least 3. */
  readonly investors: number;
  /** Length of a fund's life. */
  readonly years: number;
  readonly seed: string;
  /** Nothing is dated later. */
  readonly today: LocalDate;
  /** One fund of 2,000 investors among them; left out for demonstrations. */
  readonly withLargeFund: boolean;
  /** Reference data and funds that were taken over, too; left out for demonstrations. */
  readonly withSurroundings: boolean;
}

const namespace = '8f7a2c1e-9d3b-5a64-8c0f-2b7e6d5a4c31';
const currencies = ['USD', 'USD', 'EUR', 'GBP'] as const;
const largeFundInvestors = 2_000;

/** Sealed fields go out as the text that the intake seals, amounts as decimal strings. */
const asJson = (value: unknown): unknown => {
  if (typeof value === 'bigint') return formatMoney(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(asJson);
  if ('ciphertext' in value && 'masked' in value) return value.masked;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asJson(part)]));
};

const kebab = (type: string): string => type.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** One line of the file: what `stratcap send` takes. */
const lineOf = ({ type, value }: AnyCommand): string => {
  const { header, ...body } = value;
  return JSON.stringify({
    type: kebab(type),
    command_id: header.command_id,
    effective_date: header.effective_date,
    ...(header.reason === null ? {} : { reason: header.reason }),
    ...(asJson(body) as object),
  });
};

/** Ends of the months in which a fund was alive: the days that the clock brings the partitions to. */
const clockDays = (simulations: readonly Simulation[], today: LocalDate): readonly LocalDate[] => {
  const first = simulations
    .flatMap(({ commands }) => commands.filter(({ command }) => command.type === 'CreateFund').map(({ bookedOn }) => bookedOn))
    .reduce((day, bookedOn) => (bookedOn < day ? bookedOn : day), today);
  const ends: LocalDate[] = [];
  for (let end = monthEnd(first); end <= today; end = monthEnd(addDays(end, 1))) ends.push(end);
  return ends;
};
const monthEnd = (date: LocalDate): LocalDate => addDays(addMonths(`${date.slice(0, 7)}-01`, 1), -1);

/** Funds by day of booking, each in its own order; days of the clock between them, for all partitions at once. */
function* inOrder(simulations: readonly Simulation[], today: LocalDate): Generator<string> {
  const dated = simulations.flatMap(({ commands }) => {
    let day = '';
    return commands.map((command) => {
      if (command.bookedOn > day) day = command.bookedOn;
      return { day, command: command.command };
    });
  });
  dated.sort((left, right) => (left.day === right.day ? 0 : left.day < right.day ? -1 : 1));
  const ends = [...clockDays(simulations, today)];
  for (const { day, command } of dated) {
    while (ends[0] !== undefined && ends[0] < day) yield clockLine(ends.shift() ?? '');
    yield lineOf(command);
  }
  for (const end of ends) yield clockLine(end);
}

/** A day of the clock: without a partition it is meant for each of them. */
const clockLine = (date: LocalDate): string =>
  JSON.stringify({ type: 'advance-business-date', effective_date: date, business_date: date });

export interface Generated {
  /** Lines of the file, without their ends. */
  readonly lines: () => Generator<string>;
  readonly coverage: Coverage;
}

/** Generates a set of funds. `types` are all command types, for the coverage; `onFund` tells progress. */
export const generate = (
  options: GenerateOptions,
  types: readonly CommandType[],
  onFund: (made: number) => void = () => undefined,
): Generated => {
  const { funds, investors, years, seed, today } = options;
  const random = createRandom(seed);
  const own = stableId(namespace, seed);
  const outside = createSimulation(stableId(own, 'outside'), new Map());
  const pool = bookInvestors(
    outside,
    options.withLargeFund ? Math.max(largeFundInvestors, investors * 4) : investors * 4,
    random,
  );
  const views = investorViews(outside);
  const simulations: Simulation[] = [];
  const terms: (readonly string[])[] = [];
  const used = new Set<string>();
  for (let number = 0; number < funds; number += 1) {
    const isLarge = options.withLargeFund && number === funds - 1;
    const source = random.fork(`plan ${number}`);
    const first = source.whole(0, pool.length - 1);
    const chosen: Uuid[] = Array.from(
      { length: isLarge ? largeFundInvestors : investors },
      (_, place) => pool[(first + place) % pool.length] ?? '',
    );
    const others = pool.filter((id) => !chosen.includes(id)).slice(0, 5);
    const currency = currencies[number % currencies.length] ?? 'USD';
    used.add(currency);
    const lived = isLarge ? 4 : years;
    const latestStart = Number(today.slice(0, 4)) - lived;
    const start = addDays(`${source.whole(latestStart - 4, latestStart)}-01-05`, source.whole(0, 300));
    const simulation = createSimulation(stableId(own, `fund ${number}`), views);
    terms.push(
      liveFund(simulation, { number, currency, years: lived, investors: chosen, others, start, today, isShort: isLarge }, random)
        .used,
    );
    simulations.push(simulation);
    onFund(number + 1);
  }
  if (options.withSurroundings) {
    bookReferenceData(outside, 110, random);
    for (let number = 0; number < 12; number += 1) {
      const takenOver = createSimulation(stableId(own, `taken over ${number}`), views);
      bookTakenOver(takenOver, number, pool.slice(number * 3, number * 3 + 10), random);
      simulations.push(takenOver);
    }
  }
  const all = [outside, ...simulations];
  const commands: GeneratedCommand[] = all.flatMap((simulation) => [...simulation.commands]);
  return {
    lines: () => inOrder(all, today),
    coverage: coverageOf(
      {
        commands,
        refused: all.reduce((sum, { refused }) => sum + refused, 0),
        terms,
        currencies: used,
        investorsOfLargestFund: options.withLargeFund ? largeFundInvestors : investors,
        clockDays: clockDays(all, today).length,
      },
      types,
    ),
  };
};
