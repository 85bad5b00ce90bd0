// What several rules and the decision of one command need is computed once.
import type { RuleContext } from './rule.ts';

/** A function of the context that is computed at the first call for each; a context belongs to one decision. */
export const oncePerDecision = <Value>(compute: (context: RuleContext) => Value): ((context: RuleContext) => Value) => {
  const known = new WeakMap<RuleContext, { readonly value: Value }>();
  return (context) => {
    const earlier = known.get(context);
    if (earlier !== undefined) return earlier.value;
    const value = compute(context);
    known.set(context, { value });
    return value;
  };
};
