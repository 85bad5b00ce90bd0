import type { Context } from './context.ts';
import type { Reporter } from './reporter.ts';
export const importShippedPositions = async (_context: Context, _reporter: Reporter, _signal: AbortSignal): Promise<string> => 'not yet';
