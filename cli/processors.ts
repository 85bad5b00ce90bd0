// Which processors run in which role, as definitions: for whoever asks what they read and write. They run in cli/roles.ts.
import type { Codec } from '#schemas/codec.ts';
import { capitalAccountsProcessor } from '../processors/capital-accounts/processor.ts';
import { cashFlowsProcessor } from '../processors/cash-flows/processor.ts';
import { holdingsProcessor } from '../processors/holdings/processor.ts';
import { ledgerProcessor } from '../processors/ledger/processor.ts';
import { performanceProcessor } from '../processors/performance/processor.ts';
import { qualityProcessor } from '../processors/quality/processor.ts';
import type { Processor } from '../processors/runtime/topology.ts';
import { waterfallsProcessor } from '../processors/waterfalls/processor.ts';

/** What a processor is seen from outside. */
export type ProcessorShape = Pick<Processor<never>, 'name' | 'stateVersion' | 'input' | 'outputs' | 'tables'>;

interface ShapeDeps {
  readonly codec: Codec;
  readonly partitions: number;
}

/** Every processor by the role that runs it; a test compares the roles with those that start. */
export const processorsByRole = ({ codec, partitions }: ShapeDeps) =>
  ({
    ledger: [ledgerProcessor({ codec, partitions })],
    'capital-accounts': [capitalAccountsProcessor({ codec })],
    accounting: [
      cashFlowsProcessor({ codec }),
      performanceProcessor({ codec }),
      waterfallsProcessor({ codec }),
      qualityProcessor({ codec }),
    ],
    holdings: [holdingsProcessor({ codec })],
  }) as const satisfies Readonly<Record<string, readonly ProcessorShape[]>>;
