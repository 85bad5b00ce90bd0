// The width that a drawing in a panel will have, so that its words are as large as those around it.

/** @param {1 | 2} beside How many panels stand side by side where there is room. */
export const panelWidth = (beside) => {
  const client = document.documentElement.clientWidth;
  const content = Math.min(1440, client) - (innerWidth <= 640 ? 22 : 41);
  const isPair = beside === 2 && content >= 660;
  return Math.round(Math.max(250, (isPair ? (content - 12) / 2 : content) - 28));
};
