// Questions that must not wait: what is away is told as such.

/** The answer, or `late` when it takes longer than `ms` or fails. */
export const inTime = async <Answer, Late>(asked: Promise<Answer>, late: Late, ms = 3_000): Promise<Answer | Late> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Late>((resolve) => {
    timer = setTimeout(resolve, ms, late);
  });
  try {
    return await Promise.race([asked.catch(() => late), limit]);
  } finally {
    clearTimeout(timer);
  }
};
