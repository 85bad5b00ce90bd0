// Says that an import waits when the stack is away, and that it goes on: without it a person sees a bar that stands still.

export interface StallWatch {
  /** A command was sent. */
  sent(): void;
  /** It was decided. */
  decided(): void;
  /** It was not taken; it is sent again. */
  failed(): void;
  /** Looks whether anything was decided lately. */
  look(): void;
}

const stallMs = 4_000;

/** A watch that tells on `say`, once when the waiting begins and once when it ends. */
export const createStallWatch = (say: (text: string) => void, now: () => number = () => performance.now()): StallWatch => {
  let underWay = 0;
  let isFailing = false;
  let isTold = false;
  let since = now();
  return {
    sent: () => {
      if (underWay === 0 && !isFailing) since = now();
      underWay += 1;
    },
    decided: () => {
      underWay -= 1;
      isFailing = false;
      since = now();
      if (!isTold) return;
      isTold = false;
      say('The stack answers again; the import goes on.');
    },
    failed: () => {
      underWay -= 1;
      isFailing = true;
    },
    look: () => {
      if (isTold || (underWay === 0 && !isFailing) || now() - since < stallMs) return;
      isTold = true;
      say(
        `The stack has not answered for ${Math.round((now() - since) / 1000)} s. The import waits and goes on by itself; \`stratcap status\` says what is away. Nothing is booked twice, also after Ctrl-C and a new start of the import.`,
      );
    },
  };
};
