// Carries connections to where they could not go by themselves.
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** Where something listens. */
export type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/** Carries every connection to one place on to another. */
export function carry(from: Place, to: Place): Server {
  return createServer((socket) => join(socket, dial(to))).listen(from);
}

/** Is asked as a proxy (HTTP CONNECT), but wherever somebody wants to go, it is this place. */
export function carryAsProxy(from: Place, to: Place): Server {
  return createServer((socket) => {
    let asked = "";
    socket.on("data", function head(chunk: Buffer) {
      asked += chunk.toString("latin1");
      if (!asked.includes("\r\n\r\n")) return;
      socket.off("data", head);
      const onward = dial(to, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        join(socket, onward);
      });
      onward.on("error", () => socket.destroy());
    });
    socket.on("error", () => socket.destroy());
  }).listen(from);
}

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  one.on("error", () => other.destroy());
  other.on("error", () => one.destroy());
}
