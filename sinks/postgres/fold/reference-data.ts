// Folds exchange rates, accounts, configurations and business dates into a batch. The first event of a rate, an account or a
// configuration makes it, each later one states it anew.
import { insertCard, patchCard, type Batch } from '../batch.ts';
import { sqlInstant, sqlJsonText } from '../sql-values.ts';
import type { RowOf, Table } from '../table.ts';
import { chartOfAccounts, exchangeRates, systemConfigurations } from '../tables.ts';
import type { EventOf } from './event-of.ts';

const state = <T extends Table>(
  batch: Batch,
  table: T,
  id: string,
  event: EventOf<'ExchangeRateSet' | 'AccountSet' | 'ConfigurationSet'>,
  columns: Omit<RowOf<T>, 'created_at' | 'updated_at' | 'version'>,
): void => {
  const { event_version: version, recorded_at } = event.value.envelope;
  const at = sqlInstant(recorded_at);
  if (version > 1) patchCard(batch, table, id, event, { set: columns as Partial<RowOf<T>> });
  else insertCard(batch, table, id, event, { ...columns, created_at: at, updated_at: at, version } as unknown as RowOf<T>);
};

/** A rate of two currencies and a day. */
export const foldExchangeRateSet = (batch: Batch, event: EventOf<'ExchangeRateSet'>): void => {
  const { envelope: _, ...rate } = event.value;
  state(batch, exchangeRates, rate.rate_id, event, rate);
};

/** An account of the chart. */
export const foldAccountSet = (batch: Batch, event: EventOf<'AccountSet'>): void =>
  state(batch, chartOfAccounts, event.value.account.account_id, event, event.value.account);

/** A configuration. */
export const foldConfigurationSet = (batch: Batch, event: EventOf<'ConfigurationSet'>): void => {
  const { config_id, config_key, config_value, config_type, is_active, envelope } = event.value;
  state(batch, systemConfigurations, config_id, event, {
    config_id,
    config_key,
    config_value: sqlJsonText(config_value, `config_value of ${config_key}`),
    config_type,
    tenant_id: envelope.tenant_id,
    is_active,
  });
};

/** The business date of a partition, and the months that cash flows may soon fall into. */
export const foldBusinessDateAdvanced = (batch: Batch, event: EventOf<'BusinessDateAdvanced'>): void => {
  const { partition, business_date, previous_date, envelope } = event.value;
  const from = batch.businessDates.get(partition)?.from ?? previous_date ?? business_date;
  batch.businessDates.set(partition, {
    row: { partition, business_date, updated_at: sqlInstant(envelope.recorded_at) },
    from,
    to: business_date,
  });
};
