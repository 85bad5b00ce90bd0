// Exchange rates, accounts and configurations: rules, decisions and folding.
import type { CommandByType, EventByType, FieldChange } from '../messages.ts';
import { isCurrency } from '../money/currency.ts';
import { draft, type DraftEvent } from './decision.ts';
import { isKeepableJson } from './fund-rules.ts';
import { rule, type Rule, type RuleContext } from './rule.ts';
import type { LedgerState, ReferenceState } from './state.ts';

/** Up to seven digits before the point and eight after it, not zero (spec 2.2: DECIMAL(15,8)). */
const isRate = (text: string): boolean => /^\d{1,7}(\.\d{1,8})?$/.test(text) && /[1-9]/.test(text);

const rateName = (rate: { base_currency: string; target_currency: string; rate_date: string }): string =>
  `${rate.base_currency} ${rate.target_currency} ${rate.rate_date}`;

const nameIn = (context: RuleContext): { kind: ReferenceState['kind']; id: string; name: string; field: string } | null => {
  const { type, value } = context.command;
  switch (type) {
    case 'SetExchangeRate':
      return { kind: 'exchange-rate', id: value.rate_id, name: rateName(value), field: 'rate_date' };
    case 'SetAccount':
      return { kind: 'account', id: value.account.account_id, name: value.account.account_code, field: 'account_code' };
    case 'SetConfiguration':
      return { kind: 'configuration', id: value.config_id, name: value.config_key, field: 'config_key' };
    default:
      return null;
  }
};

export const referenceDataRules: readonly Rule[] = [
  rule({
    name: 'unknown-currency',
    description: 'Both currencies of a rate are currencies of ISO 4217, and differ.',
    severity: 'ERROR',
    commands: ['SetExchangeRate'],
    check: ({ base_currency, target_currency }) => {
      const wrong = (['base_currency', 'target_currency'] as const).find(
        (field) => !isCurrency(field === 'base_currency' ? base_currency : target_currency),
      );
      if (wrong !== undefined) return { field: wrong, message: `${wrong} is no ISO 4217 currency; give a code such as USD` };
      return base_currency === target_currency
        ? { field: 'target_currency', message: `target_currency ${target_currency} is the base currency, too` }
        : null;
    },
  }),
  rule({
    name: 'invalid-exchange-rate',
    description: 'A rate is above zero, with up to seven digits before the point and eight after it.',
    severity: 'ERROR',
    commands: ['SetExchangeRate'],
    check: ({ exchange_rate }) =>
      isRate(exchange_rate)
        ? null
        : {
            field: 'exchange_rate',
            message: `exchange_rate ${JSON.stringify(exchange_rate)} is no decimal above zero such as 1.08450000`,
          },
  }),
  rule({
    name: 'duplicate-reference',
    description: 'A rate of two currencies and a day, an account code and a configuration key stand under one id.',
    severity: 'ERROR',
    commands: ['SetExchangeRate', 'SetAccount', 'SetConfiguration'],
    check: (_, context) => {
      const wanted = nameIn(context);
      if (wanted === null) return null;
      const other = [...context.state.references].find(
        ([id, known]) => id !== wanted.id && known.kind === wanted.kind && known.name === wanted.name,
      );
      return other === undefined
        ? null
        : { field: wanted.field, message: `${wanted.name} stands under ${other[0]} already; set it there` };
    },
  }),
  rule({
    name: 'id-taken',
    description: 'An id of reference data names one thing.',
    severity: 'ERROR',
    commands: ['SetExchangeRate', 'SetAccount', 'SetConfiguration'],
    check: (_, context) => {
      const wanted = nameIn(context);
      const known = wanted === null ? undefined : context.state.references.get(wanted.id);
      return wanted === null || known === undefined || known.kind === wanted.kind
        ? null
        : { message: `id ${wanted.id} names ${known.kind} ${known.name} already; give the new one an id of its own` };
    },
  }),
  rule({
    name: 'invalid-account',
    description: 'An account has a code, a name and a kind, and is not above itself.',
    severity: 'ERROR',
    commands: ['SetAccount'],
    check: ({ account }) => {
      if (!/^\S{1,50}$/.test(account.account_code))
        return {
          field: 'account_code',
          message: `account_code ${JSON.stringify(account.account_code)} must have 1 to 50 characters without blanks`,
        };
      if (account.account_name.trim() === '' || account.account_name.length > 255)
        return { field: 'account_name', message: 'account_name must have 1 to 255 characters' };
      return account.parent_account_id === account.account_id
        ? { field: 'parent_account_id', message: `account ${account.account_id} cannot be above itself` }
        : null;
    },
  }),
  rule({
    name: 'unknown-account',
    description: 'The account above an account exists.',
    severity: 'ERROR',
    commands: ['SetAccount'],
    check: ({ account: { parent_account_id: parent, account_id } }, { state }) =>
      parent === null || parent === account_id || state.references.get(parent)?.kind === 'account'
        ? null
        : { field: 'parent_account_id', message: `there is no account ${parent}; set it up first` },
  }),
  rule({
    name: 'malformed-configuration',
    description: 'The key of a configuration has 1 to 255 characters, and its value is one JSON document without U+0000.',
    severity: 'ERROR',
    commands: ['SetConfiguration'],
    check: ({ config_key, config_value }) => {
      if (config_key.trim() === '' || config_key.length > 255)
        return { field: 'config_key', message: 'config_key must have 1 to 255 characters' };
      return isKeepableJson(config_value)
        ? null
        : { field: 'config_value', message: `config_value of ${config_key} is not one JSON document without U+0000` };
    },
  }),
];

const known = ({ state }: RuleContext, id: string): { readonly version: number; readonly value: string | null } => {
  const reference = state.references.get(id);
  return { version: reference?.version ?? 0, value: reference?.value ?? null };
};

/** Nothing when the rate stands so already. */
export const decideSetExchangeRate = (command: CommandByType['SetExchangeRate'], context: RuleContext): readonly DraftEvent[] => {
  const { header: _, ...rate } = command;
  const { version, value } = known(context, rate.rate_id);
  if (value === JSON.stringify(rate)) return [];
  return [draft('ExchangeRateSet', 'REFERENCE', { id: rate.rate_id, version: version + 1, on: rate.rate_date }, rate)];
};

/** Nothing when the account stands so already. */
export const decideSetAccount = ({ account }: CommandByType['SetAccount'], context: RuleContext): readonly DraftEvent[] => {
  const { version } = known(context, account.account_id);
  const before = context.state.references.get(account.account_id)?.account ?? null;
  const text = (value: unknown): string | null =>
    value === null || value === undefined ? null : String(value as string | boolean);
  const changes = (Object.keys(account) as (keyof typeof account)[])
    .filter((field) => field !== 'account_id')
    .map((field): FieldChange => ({ field, old_value: text(before?.[field]), new_value: text(account[field]) }))
    .filter(({ old_value, new_value }) => old_value !== new_value);
  if (changes.length === 0) return [];
  return [draft('AccountSet', 'REFERENCE', { id: account.account_id, version: version + 1 }, { account, changes })];
};

/** Nothing when the configuration stands so already. */
export const decideSetConfiguration = (
  command: CommandByType['SetConfiguration'],
  context: RuleContext,
): readonly DraftEvent[] => {
  const { header: _, ...configuration } = command;
  const { version, value } = known(context, configuration.config_id);
  if (value === JSON.stringify(configuration)) return [];
  const before = value === null ? null : (JSON.parse(value) as { readonly config_value: string }).config_value;
  return [
    draft(
      'ConfigurationSet',
      'REFERENCE',
      { id: configuration.config_id, version: version + 1 },
      { ...configuration, old_value: before },
    ),
  ];
};

export const foldExchangeRateSet = (state: LedgerState, { envelope, ...rate }: EventByType['ExchangeRateSet']): void => {
  const { rate_id, base_currency, target_currency, exchange_rate, rate_date, rate_source } = rate;
  state.references.set(rate_id, {
    version: envelope.event_version,
    kind: 'exchange-rate',
    name: rateName(rate),
    value: JSON.stringify({ rate_id, base_currency, target_currency, exchange_rate, rate_date, rate_source }),
    account: null,
  });
};

export const foldAccountSet = (state: LedgerState, { envelope, account }: EventByType['AccountSet']): void => {
  state.references.set(account.account_id, {
    version: envelope.event_version,
    kind: 'account',
    name: account.account_code,
    value: JSON.stringify(account),
    account,
  });
};

export const foldConfigurationSet = (state: LedgerState, value: EventByType['ConfigurationSet']): void => {
  const { envelope, config_id, config_key, config_value, config_type, is_active } = value;
  state.references.set(config_id, {
    version: envelope.event_version,
    kind: 'configuration',
    name: config_key,
    value: JSON.stringify({ config_id, config_key, config_value, config_type, is_active }),
    account: null,
  });
};
