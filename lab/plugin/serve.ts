// Speaks the engine's gRPC protocol (pulumirpc.ResourceProvider, as of 3.250) for a declared provider.
// Only the protocol files of the SDK are imported: the whole SDK takes half a second to load.
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import * as grpcProto from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import type { Provider } from "./contract.ts";
import { engineLog } from "./engine-log.ts";
import { Kernel } from "./kernel.ts";
import { askingMethods, processMethods, resourceMethods } from "./methods.ts";
import { asServiceError } from "./service-error.ts";

type Handler = (request: unknown) => unknown;

/** What a kernel answers, by method. */
function methodsOf(kernel: Kernel): Record<string, Handler> {
  return { ...processMethods(kernel), ...askingMethods(kernel), ...resourceMethods(kernel) } as Record<string, Handler>;
}

/**
 * Binds a server for a provider, which may still be loading; resolves to its port. Every connection has a kernel of its own: an engine
 * opens one for each explicit provider, and each of these has its own configuration.
 */
export function listen(loading: Provider | Promise<Provider>): Promise<number> {
  const connections = new Map<string, Record<string, Handler>>();
  const open = (provider: Provider, peer: string, engineAddress?: string): Record<string, Handler> => {
    const methods = methodsOf(new Kernel(provider, engineLog(engineAddress)));
    connections.set(peer, methods);
    return methods;
  };
  const service: UntypedServiceImplementation = {};
  for (const method of Object.keys(grpcProto.ResourceProviderService)) {
    service[method] = (async (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
      try {
        const provider = await loading;
        const peer = call.getPeer();
        const methods =
          call.request instanceof proto.ProviderHandshakeRequest
            ? open(provider, peer, call.request.getEngineAddress())
            : (connections.get(peer) ?? open(provider, peer));
        const handler = methods[method];
        if (handler === undefined) return done({ code: status.UNIMPLEMENTED, details: `${method} is not implemented` });
        done(null, await handler(call.request));
      } catch (error) {
        done(asServiceError(error));
      }
    }) as UntypedHandleCall;
  }
  // States of whole clusters travel in one message.
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new Server(unlimited);
  server.addService(grpcProto.ResourceProviderService as never, service);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** Runs the provider as a plug-in process: the engine reads the port from standard output. */
export async function serve(provider: Provider): Promise<void> {
  process.stdout.write(`${await listen(provider)}\n`);
  // An engine that was killed cannot stop its plug-ins: one that has lost its parent ends by itself.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 500);
}
