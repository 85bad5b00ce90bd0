// Investor events to rows of investors and investor_banking. Sealed fields leave the log only in their masked form.
import type { BankAccount, EventEnvelope, InvestorCard } from '#domain/messages.ts';
import { sqlInstant, sqlMasked } from '../sql-values.ts';
import type { RowOf } from '../table.ts';
import type { investorBanking, investors } from '../tables.ts';

const cardColumns = (investor: InvestorCard) => ({
  investor_name: investor.investor_name,
  investor_type: investor.investor_type,
  investor_category: investor.investor_category,
  industry: investor.industry,
  aum_range: investor.aum_range,
  geography: investor.geography,
  jurisdiction: investor.jurisdiction,
  tax_id: sqlMasked(investor.tax_id),
  contact_person: sqlMasked(investor.contact_person),
  email: sqlMasked(investor.email),
  phone: sqlMasked(investor.phone),
  address: sqlMasked(investor.address),
  kyc_status: investor.kyc_status,
  kyc_date: investor.kyc_date,
  kyc_source: investor.kyc_source,
});

/** The row of a new investor. */
export const toDbInvestor = (investor: InvestorCard, envelope: EventEnvelope): RowOf<typeof investors> => ({
  investor_id: investor.investor_id,
  tenant_id: envelope.tenant_id,
  ...cardColumns(investor),
  created_at: sqlInstant(envelope.recorded_at),
  updated_at: sqlInstant(envelope.recorded_at),
  version: envelope.event_version,
});

/** What a card changes of an investor that exists. */
export const toDbInvestorChange = (investor: InvestorCard): ReturnType<typeof cardColumns> => cardColumns(investor);

/** A bank account, masked. */
export const toDbBankAccount = (
  investorId: string,
  account: BankAccount,
  envelope: EventEnvelope,
): RowOf<typeof investorBanking> => ({
  banking_id: account.banking_id,
  investor_id: investorId,
  bank_name: account.bank_name.masked,
  account_number: account.account_number.masked,
  routing_number: sqlMasked(account.routing_number),
  swift_code: sqlMasked(account.swift_code),
  iban: sqlMasked(account.iban),
  is_primary: account.is_primary,
  created_at: sqlInstant(envelope.recorded_at),
});
