import { describe, expect, it } from 'vitest';
import { engineError, errorBody, ServerError } from './errors.ts';

describe("the engine's message as an error", () => {
  it('keeps code, type and text, once each', () => {
    const error = engineError(
      "Code: 60. DB::Exception: Unknown table expression identifier 'x' in scope SELECT (1). Maybe you meant stratcap.t?. (UNKNOWN_TABLE)",
    );
    expect(error).toMatchObject({
      code: 60,
      type: 'UNKNOWN_TABLE',
      status: 404,
      message: "Unknown table expression identifier 'x' in scope SELECT (1). Maybe you meant stratcap.t?",
    });
    expect(errorBody(error, '26.7')).toBe(
      "Code: 60. DB::Exception: Unknown table expression identifier 'x' in scope SELECT (1). Maybe you meant stratcap.t?. (UNKNOWN_TABLE) (version 26.7)\n",
    );
  });

  it('takes the path of the spool out and leaves the row', () => {
    const error = engineError(
      'Code: 27. DB::Exception: Code: 27. DB::Exception: Cannot parse input: (at row 2)\n: (in file/uri /data/spool/0a-1): While executing ParallelParsingBlockInputFormat: While executing File: data for INSERT was parsed from file. (CANNOT_PARSE_INPUT_ASSERTION_FAILED) (version 26.7.2.1). (CANNOT_PARSE_INPUT_ASSERTION_FAILED)',
    );
    expect(error).toMatchObject({ code: 27, type: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED', status: 400 });
    expect(error.message).toContain('(at row 2)');
    expect(error.message).not.toContain('/data');
    expect(error.message).not.toContain('CANNOT_PARSE_INPUT');
  });

  it('has a code for what is no message of the engine', () => {
    expect(engineError('something else')).toMatchObject({ code: 1002, type: 'UNKNOWN_EXCEPTION', status: 500 });
  });
});

it('a password that is wrong is 403, a full disk 507, a busy server 429', () => {
  expect([516, 243, 202].map((code) => new ServerError(code, 'X', 'x').status)).toEqual([403, 507, 429]);
});
