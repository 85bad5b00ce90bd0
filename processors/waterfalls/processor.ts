// What each fund would pay to whom if it sold everything at its value: accrued carried interest by fact date. The waterfall of a real
// distribution is run by the ledger and stands in its event.
import type { Codec } from '#schemas/codec.ts';
import { figuresProcessor, type FiguresTaskState } from '../figures-processor.ts';
import type { Processor } from '../runtime/topology.ts';

/** The processor of hypothetical liquidations. */
export const waterfallsProcessor = (deps: { readonly codec: Codec }): Processor<FiguresTaskState> =>
  figuresProcessor({ name: 'waterfalls', topic: 'waterfalls', tells: ['HypotheticalLiquidation'] }, deps);
