import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, fetchText } from "../../../tools/engine/download.ts";
import { archiveName, checksumOf } from "../../../tools/engine/engine-download.ts";

describe("the official release", () => {
  it("is named after the platform", () => {
    assert.equal(archiveName("3.250.0", "linux", "x64"), "pulumi-v3.250.0-linux-x64.tar.gz");
    assert.throws(() => archiveName("3.250.0", "aix", "ppc64"), {
      message: "Pulumi publishes no archive for aix ppc64 that this could unpack",
    });
  });

  it("is held against the published checksum, and refused without one", () => {
    const sum = "ab".repeat(32);
    const text = `${"cd".repeat(32)}  pulumi-v3.250.0-linux-x64.tar.gz.sig\n${sum}  pulumi-v3.250.0-linux-x64.tar.gz\n`;
    assert.equal(checksumOf("pulumi-v3.250.0-linux-x64.tar.gz", text), sum);
    assert.throws(() => checksumOf("pulumi-v3.250.0-darwin-x64.tar.gz", text), {
      message: "the published checksums do not list pulumi-v3.250.0-darwin-x64.tar.gz",
    });
  });
});

describe("download", () => {
  const content = "0123456789".repeat(100);
  let server: Server;
  let folder: string;
  let base: string;
  const ranges: (string | undefined)[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "download-"));
    server = createServer((request, response) => {
      if (request.url === "/silent") return;
      if (request.url === "/gone") return void response.writeHead(404).end();
      ranges.push(request.headers.range);
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from }).end(content.slice(from));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("goes on where it stopped", async () => {
    const file = join(folder, "archive");
    writeFileSync(`${file}.part`, content.slice(0, 300));
    await download(`${base}/archive`, file, () => {});
    assert.equal(readFileSync(file, "utf8"), content);
    assert.deepEqual(ranges, ["bytes=300-"]);
  });

  it("says in one line why a place is out of reach", async () => {
    const host = new URL(base).host;
    await assert.rejects(fetchText(`${base}/gone`), { message: `${host} is out of reach (answers 404)` });
    await assert.rejects(fetchText(`${base}/silent`, 50), {
      message: `${host} is out of reach (The operation was aborted due to timeout)`,
    });
    await assert.rejects(fetchText("http://127.0.0.1:9/x"), (error: Error) =>
      error.message.startsWith("127.0.0.1:9 is out of"),
    );
  });
});
