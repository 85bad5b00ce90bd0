// The booking form: a valuation or a commitment, given as a command through the page's cookie. What the rules say is shown as they say it.
import { address, ApiError, read, send } from './api.js';
import { h, patch } from './dom.js';
import { formatMoney, named } from './format.js';

/** @typedef {import('../../commitments/query.ts').CommitmentRow} CommitmentRow */
/** @typedef {'record-valuation' | 'make-commitment'} Kind */
/** @typedef {{ readonly id: string, readonly name: string, readonly currency?: string }} Choice */
/** @typedef {{ readonly kind: 'accepted' | 'rejected' | 'working', readonly text: string }} Answer */

/**
 * Opens the form over the view; `onBooked` is called once the figures contain the booking.
 * @param {HTMLElement} element @param {() => Promise<void>} onBooked
 */
export const openBooking = async (element, onBooked) => {
  const dialog = /** @type {HTMLDialogElement} */ (element);
  /** @type {Kind} */
  let kind = 'record-valuation';
  /** @type {readonly Choice[]} */
  let funds = [];
  /** @type {readonly Choice[]} */
  let investors = [];
  /** @type {readonly CommitmentRow[]} */
  let commitments = [];
  /** @type {Choice | null} */
  let fund = null;
  /** @type {Answer | null} */
  let answer = null;
  // One id per filled form: sent again after a lost answer it has one effect.
  let commandId = crypto.randomUUID();

  const draw = () => {
    patch(dialog, h('dialog', {}, content()), false);
  };

  const content = () =>
    h(
      'form',
      { method: 'dialog', 'data-key': kind, class: 'booking' },
      h('h2', { id: 'booking-title' }, 'Book'),
      h('div', { class: 'tabs' }, tab('record-valuation', 'Valuation'), tab('make-commitment', 'Commitment')),
      h(
        'div',
        { class: 'form' },
        h(
          'label',
          { class: 'field full' },
          h('span', {}, 'Fund'),
          h('input', {
            name: 'fund',
            list: 'booking-funds',
            required: true,
            autocomplete: 'off',
            value: fund?.name ?? '',
            placeholder: 'Begin to type a name',
          }),
          h(
            'datalist',
            { id: 'booking-funds' },
            funds.map((one) => h('option', { value: one.name })),
          ),
        ),
        kind === 'record-valuation' ? valuationFields() : commitmentFields(),
        h('p', { class: 'answer', role: 'status', 'data-kind': answer?.kind ?? null }, answer?.text ?? ''),
        h(
          'div',
          { class: 'actions' },
          h('button', { type: 'button', class: 'button', 'data-close': true }, 'Close'),
          h(
            'button',
            { type: 'submit', class: 'button primary', disabled: answer?.kind === 'working' },
            kind === 'record-valuation' ? 'Book valuation' : 'Book commitment',
          ),
        ),
      ),
    );

  /** @param {Kind} name @param {string} label */
  const tab = (name, label) =>
    h('button', { type: 'button', class: 'button', 'data-kind': name, 'aria-pressed': String(kind === name) }, label);
  const today = new Date().toISOString().slice(0, 10);

  const valuationFields = () => [
    h(
      'label',
      { class: 'field full' },
      h('span', {}, 'Commitment'),
      h(
        'select',
        { name: 'commitment_id', required: true },
        commitments.length === 0
          ? h('option', { value: '' }, fund === null ? 'Choose the fund first' : 'No commitments in this fund')
          : null,
        commitments.map((row) =>
          h(
            'option',
            { value: row.commitment_id },
            `${row.investor_name}: ${row.currency} ${formatMoney(row.commitment_amount).text}, ${row.commitment_date}`,
          ),
        ),
      ),
    ),
    field('remaining_value', `Net asset value${fund?.currency ? ` (${fund.currency})` : ''}`, {
      inputmode: 'decimal',
      required: true,
      pattern: '-?[0-9]+([.][0-9]{1,2})?',
      title: 'A decimal with at most two digits after the point, without grouping: 1250000.00',
    }),
    field('effective_date', 'As of', { type: 'date', required: true, value: today, max: today }),
    field('valuation_source', 'Source', { placeholder: 'GP statement', maxlength: 200 }, 'full'),
  ];
  const commitmentFields = () => [
    h(
      'label',
      { class: 'field full' },
      h('span', {}, 'Investor'),
      h(
        'select',
        { name: 'investor_id', required: true },
        h('option', { value: '' }, 'Choose'),
        investors.map((one) => h('option', { value: one.id }, one.name)),
      ),
    ),
    field('commitment_amount', `Amount${fund?.currency ? ` (${fund.currency})` : ''}`, {
      inputmode: 'decimal',
      required: true,
      pattern: '[0-9]+([.][0-9]{1,2})?',
      title: 'A decimal with at most two digits after the point, without grouping: 1250000.00',
    }),
    field('commitment_date', 'Day of the pledge', { type: 'date', required: true, value: today }),
  ];

  const loadFund = async () => {
    if (fund === null) {
      commitments = [];
      return;
    }
    commitments = /** @type {{ readonly commitments: readonly CommitmentRow[] }} */ (
      await read(address('/v1/commitments', { fund_id: fund.id, limit: 500 }))
    ).commitments;
  };
  /** @param {string} words */
  const findFunds = async (words) => {
    const reply = /** @type {import('../../funds/view.ts').FundListReply} */ (
      await read(address('/v1/funds', { q: words, limit: 20 }))
    );
    funds = reply.funds.map((row) => ({ id: row.fund_id, name: row.fund_name, currency: row.base_currency }));
    const exact = funds.find((one) => one.name === words) ?? null;
    if (exact?.id !== fund?.id) {
      fund = exact;
      await loadFund();
    }
    draw();
  };

  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    if (fund === null) return say({ kind: 'rejected', text: 'Choose a fund from the list.' });
    const values = Object.fromEntries(
      [...new FormData(/** @type {HTMLFormElement} */ (event.target))].map(([name, value]) => [name, String(value).trim()]),
    );
    const command =
      kind === 'record-valuation'
        ? {
            fund_id: fund.id,
            commitment_id: values['commitment_id'],
            remaining_value: values['remaining_value'],
            effective_date: values['effective_date'],
            valuation_source: values['valuation_source'] || null,
          }
        : {
            fund_id: fund.id,
            investor_id: values['investor_id'],
            commitment_amount: values['commitment_amount'],
            currency: fund.currency,
            commitment_date: values['commitment_date'],
          };
    say({ kind: 'working', text: 'Booking.' });
    try {
      const { status, body } = await send(`/v1/commands/${kind}`, command, commandId);
      // The service has answered: whatever is sent next is another command.
      commandId = crypto.randomUUID();
      if (status === 200 || status === 201) {
        clearAmounts();
        await read(address('/v1/position', { wait_for: typeof body['position'] === 'string' ? body['position'] : null }));
        await onBooked();
      }
      const answered = answerOf(status, body);
      say({ ...answered, text: named(answered.text, names()) });
    } catch (error) {
      say({ kind: 'rejected', text: error instanceof ApiError ? error.problem.detail : String(error) });
    }
  };
  const names = () =>
    new Map([
      ...[...funds, ...investors].map((one) => /** @type {const} */ ([one.id, one.name])),
      ...(fund === null ? [] : [/** @type {const} */ ([fund.id, fund.name])]),
      ...commitments.map((row) => /** @type {const} */ ([row.commitment_id, `of ${row.investor_name}`])),
    ]);
  // A second press must not book the same amount again.
  const clearAmounts = () => {
    for (const input of dialog.querySelectorAll('input[inputmode=decimal]')) /** @type {HTMLInputElement} */ (input).value = '';
  };
  /** @param {Answer} next */
  const say = (next) => {
    answer = next;
    draw();
  };

  dialog.replaceChildren();
  draw();
  dialog.showModal();
  const listening = new AbortController();
  const options = { signal: listening.signal };
  dialog.addEventListener(
    'submit',
    (event) => {
      void submit(event);
    },
    options,
  );
  dialog.addEventListener(
    'click',
    (event) => {
      if (!(event.target instanceof HTMLElement)) return;
      if (event.target === dialog || event.target.dataset['close'] !== undefined) dialog.close();
      const chosen = event.target.dataset['kind'];
      if (event.target.matches('button[data-kind]') && (chosen === 'record-valuation' || chosen === 'make-commitment')) {
        kind = chosen;
        answer = null;
        draw();
      }
    },
    options,
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  dialog.addEventListener(
    'input',
    (event) => {
      // What was said of the last booking is not true of the one that is begun.
      if (answer !== null && answer.kind !== 'working') {
        answer = null;
        const told = dialog.querySelector('.answer');
        told?.removeAttribute('data-kind');
        told?.replaceChildren();
      }
      if (!(event.target instanceof HTMLInputElement) || event.target.name !== 'fund') return;
      const words = event.target.value.trim();
      clearTimeout(typing);
      typing = setTimeout(() => {
        if (words !== '')
          findFunds(words).catch((error) => {
            say({ kind: 'rejected', text: error.message });
          });
      }, 120);
    },
    options,
  );
  dialog.addEventListener(
    'close',
    () => {
      listening.abort();
    },
    { once: true },
  );

  try {
    // The right to book comes with the start page, in a cookie that no script can read.
    await fetch('/', { cache: 'no-store' });
    const list = /** @type {import('../../investors/view.ts').InvestorListReply} */ (await read('/v1/investors?limit=500'));
    investors = list.investors.map((row) => ({ id: row.investor_id, name: row.investor_name }));
    const [, place, id] = location.pathname.split('/');
    if (place === 'funds' && id) {
      const reply = /** @type {import('../../funds/view.ts').FundReply} */ (await read(`/v1/funds/${id}`));
      fund = { id: reply.fund.fund_id, name: reply.fund.fund_name, currency: reply.fund.base_currency };
      await loadFund();
    }
    // Drawn anew: the value of the fund is set with the field.
    dialog.replaceChildren();
    draw();
  } catch (error) {
    say({ kind: 'rejected', text: error instanceof Error ? error.message : String(error) });
  }
};

/** @param {string} name @param {string} label @param {Record<string, string | number | boolean>} attributes @param {string} [width] */
const field = (name, label, attributes, width = '') =>
  h('label', { class: `field ${width}` }, h('span', {}, label), h('input', { name, autocomplete: 'off', ...attributes }));

/** Texts of the rules of a severity, or of everything that is wrong with the form. @param {Record<string, unknown>} body @param {'ERROR' | 'WARNING'} severity @returns {readonly string[]} */
const textsOf = (body, severity) => {
  const results = Array.isArray(body['rule_results'])
    ? body['rule_results']
    : Array.isArray(body['errors'])
      ? body['errors']
      : [];
  return results
    .filter((/** @type {Record<string, unknown>} */ result) => (result['severity'] ?? 'ERROR') === severity)
    .map((/** @type {Record<string, unknown>} */ result) => String(result['message'] ?? result['detail'] ?? ''))
    .filter((text) => text !== '');
};

/** What to tell of the reply to a command. @param {number} status @param {Record<string, unknown>} body @returns {Answer} */
export const answerOf = (status, body) => {
  if (status === 200 || status === 201) {
    const remarks = textsOf(body, 'WARNING');
    const kept = remarks.length === 0 ? '' : ` Kept as a finding: ${remarks.join('; ')}.`;
    return { kind: 'accepted', text: `Booked. The figures contain it.${kept}` };
  }
  if (status === 202) return { kind: 'working', text: 'Taken, not decided yet. The figures follow.' };
  const reasons = textsOf(body, 'ERROR');
  const text =
    reasons.length > 0 ? reasons.join(' ') : String(body['detail'] ?? body['title'] ?? `The service answered ${status}.`);
  return { kind: 'rejected', text: status === 401 || status === 403 ? `${text} Reload the page to book again.` : text };
};
