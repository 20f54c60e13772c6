// Fetches over HTTP: bounded in time, and going on where an earlier try stopped.
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

const ANSWER_MS = 8000;
const SILENCE_MS = 20_000;

/** The text at an address; throws with the reason in one line. */
export async function fetchText(url: string, answerMs: number = ANSWER_MS): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
    if (!response.ok) throw new Error(`answers ${response.status}`);
    return await response.text();
  } catch (error) {
    throw unreachable(url, error);
  }
}

/** Fetches a file; what an earlier, broken try left is kept and continued. */
export async function download(url: string, file: string, say: (detail: string) => void): Promise<void> {
  if (existsSync(file)) return;
  const part = `${file}.part`;
  mkdirSync(dirname(file), { recursive: true });
  const have = existsSync(part) ? statSync(part).size : 0;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(new Error("no answer")), ANSWER_MS);
  try {
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    const response = await fetch(url, { headers, signal: silence.signal });
    if (!response.ok || response.body === null) throw new Error(`answers ${response.status}`);
    const continued = response.status === 206;
    const total = Number(response.headers.get("content-length")) + (continued ? have : 0);
    let received = continued ? have : 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(new Error("the transfer stands still")), SILENCE_MS);
        received += chunk.length;
        say(`${megabytes(received)} of ${megabytes(total)} MB`);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(part, { flags: continued ? "a" : "w" }));
  } catch (error) {
    throw unreachable(url, silence.signal.aborted ? silence.signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
  renameSync(part, file);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function unreachable(url: string, error: unknown): Error {
  const { message, cause } = error as Error & { cause?: { code?: string } };
  return new Error(`${new URL(url).host} is out of reach (${cause?.code ?? message})`);
}
