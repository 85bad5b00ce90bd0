// What is shown where there is nothing: what was asked for, why it is not there, and the ways back.
import { h } from './dom.js';
import { link } from './view.js';

/**
 * @param {{ readonly title: string, readonly detail: string }} what
 * @returns {HTMLElement}
 */
export const missingPart = ({ title, detail }) =>
  h(
    'div',
    { 'data-key': 'missing', class: 'view missing', role: 'alert' },
    h('h1', {}, title),
    h('p', {}, detail),
    h(
      'p',
      { class: 'ways' },
      link('/', 'To the funds'),
      link('/investors', 'To the investors'),
      link('/pipeline', 'To the pipeline'),
    ),
  );

/** The view of an address that is none of this page. @param {string} path @returns {import('./view.js').View} */
export const missingView = (path) => ({
  key: 'missing',
  title: () => 'There is no such page',
  load: () => Promise.resolve(null),
  render: () =>
    missingPart({ title: 'There is no such page', detail: `${path} is not an address of this page. It may be misspelt.` }),
  concerns: () => false,
  actions: {},
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a part of an address can be the id of something. @param {string} text */
export const isId = (text) => uuid.test(text);
