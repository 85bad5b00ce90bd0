// NAV roll and performance of investors, funds and investments, net and gross, by fact date.
import type { Codec } from '#schemas/codec.ts';
import { figuresProcessor, type FiguresTaskState } from '../figures-processor.ts';
import type { Processor } from '../runtime/topology.ts';

/** The processor of performance. */
export const performanceProcessor = (deps: { readonly codec: Codec }): Processor<FiguresTaskState> =>
  figuresProcessor({ name: 'performance', topic: 'performance', tells: ['NavRoll', 'Performance'] }, deps);
