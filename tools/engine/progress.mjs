// Says on stderr that a long step is still under way, and for how long.

/**
 * `0:07`, `12:40`.
 *
 * @param {number} milliseconds
 */
function formatElapsed(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * Runs `work`, with a line at its start, one now and then, and one at its end.
 *
 * @template Result
 * @param {string} title
 * @param {(say: (detail: string) => void) => Promise<Result>} work is handed a function that sets what the next line adds
 * @param {{ everyMs?: number, print?: (line: string) => void }} [options]
 * @returns {Promise<Result>}
 */
export async function withProgress(title, work, { everyMs = 15_000, print = (line) => console.error(line) } = {}) {
  const start = Date.now();
  let detail = "";
  print(`setup: ${title} …`);
  const timer = setInterval(() => {
    print(`setup: ${title}, ${formatElapsed(Date.now() - start)}${detail && `, ${detail}`} …`);
  }, everyMs);
  try {
    const result = await work((text) => {
      detail = text;
    });
    print(`setup: ${title}: done in ${formatElapsed(Date.now() - start)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
