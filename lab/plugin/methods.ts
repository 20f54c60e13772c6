// The protocol's methods over a kernel: messages in, messages out.
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import type { CheckFailure } from "./contract.ts";
import type { Change } from "./diff.ts";
import type { Kernel, Subject } from "./kernel.ts";
import { decode, encode } from "./wire.ts";

function failuresOf(failures: readonly CheckFailure[]): proto.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

function subjectOf(request: { getUrn(): string; getType(): string; getName(): string }): Subject {
  const urn = request.getUrn();
  // Older engines leave type and name to be read from the URN.
  const [, , qualified = "", name = ""] = urn.split("::");
  const token = request.getType() || (qualified.split("$").at(-1) ?? "");
  return { token, urn, name: request.getName() || name };
}

function diffResponse(changes: readonly Change[], deleteBeforeReplace: boolean): proto.DiffResponse {
  const { Kind } = proto.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const response = new proto.DiffResponse();
  const top = (path: string) => path.split(/[.[]/)[0] ?? path;
  response.setChanges(
    changes.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE,
  );
  response.setDiffsList([...new Set(changes.map(({ path }) => top(path)))]);
  response.setReplacesList([...new Set(changes.filter(({ replaces }) => replaces).map(({ path }) => top(path)))]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of changes) {
    const detail = new proto.PropertyDiff();
    detail.setKind(kinds[kind][replaces ? 1 : 0]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** Who the plug-in is, and how it is configured. */
export function processMethods(kernel: Kernel) {
  const { provider } = kernel;
  return {
    handshake: (_: proto.ProviderHandshakeRequest) => {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(true);
      return response;
    },
    attach: () => new emptyProto.Empty(),
    getPluginInfo: () => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(provider.version);
      return info;
    },
    getSchema: () => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: provider.name, version: provider.version }));
      return response;
    },
    checkConfig: (request: proto.CheckRequest) => {
      const news = decode(request.getNews());
      const response = new proto.CheckResponse();
      response.setInputs(encode(news));
      response.setFailuresList(failuresOf(kernel.checkConfig(news)));
      return response;
    },
    configure: (request: proto.ConfigureRequest) => {
      kernel.configure(decode(request.getArgs()));
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(true);
      response.setSupportspreview(true);
      return response;
    },
    cancel: () => {
      kernel.cancel();
      return new emptyProto.Empty();
    },
  };
}

/** What would happen, and functions. */
export function askingMethods(kernel: Kernel) {
  return {
    check: async (request: proto.CheckRequest) => {
      const { inputs, failures } = await kernel.check(
        subjectOf(request),
        decode(request.getNews()),
        decode(request.getOlds()),
      );
      const response = new proto.CheckResponse();
      response.setInputs(encode(inputs));
      response.setFailuresList(failuresOf(failures));
      return response;
    },
    diff: (request: proto.DiffRequest) => {
      const { changes, deleteBeforeReplace } = kernel.diff(
        subjectOf(request),
        decode(request.getOldInputs()),
        decode(request.getNews()),
        decode(request.getOlds()),
      );
      return diffResponse(changes, deleteBeforeReplace);
    },
    invoke: async (request: proto.InvokeRequest) => {
      const { result, failures } = await kernel.invoke(
        request.getTok(),
        decode(request.getArgs()),
        request.getPreview(),
      );
      const response = new proto.InvokeResponse();
      response.setReturn(encode(result));
      response.setFailuresList(failuresOf(failures));
      return response;
    },
  };
}

/** What happens to resources. */
export function resourceMethods(kernel: Kernel) {
  return {
    create: async (request: proto.CreateRequest) => {
      const { id, outputs } = await kernel.create(
        subjectOf(request),
        decode(request.getProperties()),
        request.getPreview(),
      );
      const response = new proto.CreateResponse();
      response.setId(id);
      response.setProperties(encode(outputs));
      return response;
    },
    read: async (request: proto.ReadRequest) => {
      const found = await kernel.read(
        subjectOf(request),
        request.getId(),
        decode(request.getProperties()),
        decode(request.getInputs()),
      );
      const response = new proto.ReadResponse();
      response.setId(found.id);
      response.setProperties(encode(found.outputs));
      response.setInputs(encode(found.inputs));
      return response;
    },
    update: async (request: proto.UpdateRequest) => {
      const news = decode(request.getNews());
      const outputs = await kernel.update(
        subjectOf(request),
        request.getId(),
        decode(request.getOlds()),
        news,
        request.getPreview(),
      );
      const response = new proto.UpdateResponse();
      response.setProperties(encode(outputs));
      return response;
    },
    delete: async (request: proto.DeleteRequest) => {
      await kernel.delete(
        subjectOf(request),
        request.getId(),
        decode(request.getProperties()),
        decode(request.getOldInputs()),
      );
      return new emptyProto.Empty();
    },
  };
}
