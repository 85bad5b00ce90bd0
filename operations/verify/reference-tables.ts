// Rows of reference data that follow from the log.
import type { AnyEvent } from '#domain/messages.ts';
import { type ExpectedTable, sortedJson } from './compare.ts';
import type { PlacedEvent } from './model.ts';
import type { Tables } from './rows.ts';

/** Key columns of these tables. */
export const referenceKeys: Readonly<Record<string, readonly string[]>> = {
  exchange_rates: ['rate_id'],
  chart_of_accounts: ['account_id'],
  system_configurations: ['config_id'],
  business_dates: ['partition'],
};

/** Rates, accounts, configurations and business dates. */
const foldReferences = (tables: Tables, event: AnyEvent): void => {
  switch (event.type) {
    case 'ExchangeRateSet': {
      const { rate_id, base_currency, target_currency, exchange_rate, rate_date, rate_source, envelope } = event.value;
      tables['exchange_rates']?.set(rate_id, {
        base_currency,
        target_currency,
        exchange_rate,
        rate_date,
        rate_source,
        version: String(envelope.event_version),
      });
      return;
    }
    case 'AccountSet': {
      const { account, envelope } = event.value;
      tables['chart_of_accounts']?.set(account.account_id, {
        account_code: account.account_code,
        account_name: account.account_name,
        account_type: account.account_type,
        parent_account_id: account.parent_account_id,
        is_active: String(account.is_active),
        version: String(envelope.event_version),
      });
      return;
    }
    case 'ConfigurationSet': {
      const { config_id, config_key, config_value, config_type, is_active, envelope } = event.value;
      tables['system_configurations']?.set(config_id, {
        config_key,
        config_value: sortedJson(JSON.parse(config_value)),
        config_type,
        is_active: String(is_active),
        version: String(envelope.event_version),
      });
      return;
    }
    case 'BusinessDateAdvanced':
      tables['business_dates']?.set(String(event.value.partition), { business_date: event.value.business_date });
      return;
    default:
      return;
  }
};

/** Every row of these tables as the log has it. */
export const referenceTables = (events: readonly PlacedEvent[]): Readonly<Record<string, ExpectedTable>> => {
  const tables: Tables = Object.fromEntries(Object.keys(referenceKeys).map((table) => [table, new Map()]));
  for (const { event } of events) foldReferences(tables, event);
  return tables;
};
