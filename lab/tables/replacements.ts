// What replaces a Proxmox resource. The official schema says it for 3 of the properties in use (they are in proxmoxve.json); the rest is
// taken from the plug-in's source: RequiresReplace and ForceNew in bpg/terraform-provider-proxmox v0.111.
/** Properties whose change replaces a resource, by token. */
export const REPLACEMENTS: Readonly<Record<string, readonly string[]>> = {
  "proxmoxve:apt/standard/repository:Repository": ["handle", "node"],
  "proxmoxve:ceph/pool:Pool": ["name", "nodeName", "erasureCoding", "addStorages"],
  "proxmoxve:download/file:File": [
    "contentType",
    "fileName",
    "datastoreId",
    "nodeName",
    "url",
    "checksum",
    "decompressionAlgorithm",
    "checksumAlgorithm",
  ],
  "proxmoxve:hardware/mapping/pci:Pci": ["name"],
  "proxmoxve:hardware/mapping/usb:Usb": ["name"],
  "proxmoxve:index/haresource:Haresource": ["resourceId"],
  "proxmoxve:index/harule:Harule": ["rule", "type"],
  "proxmoxve:index/vmLegacy:VmLegacy": [
    "vmId",
    "clone",
    "amdSev",
    "disks[*].fileId",
    "initialization.userDataFileId",
    "initialization.vendorDataFileId",
    "initialization.networkDataFileId",
    "initialization.metaDataFileId",
    "initialization.type",
  ],
  // Moving a VM to another host is a migration only with `migrate: true`; the provider decides that in its own diff.
  "proxmoxve:network/linux/bond:Bond": ["name"],
  "proxmoxve:network/linux/bridge:Bridge": ["name"],
  "proxmoxve:network/linux/vlan:Vlan": ["name"],
  "proxmoxve:node/config:Config": ["nodeName"],
  "proxmoxve:node/firewall:Firewall": ["nodeName"],
  "proxmoxve:sdn/applier:Applier": ["onCreate", "onDestroy"],
  "proxmoxve:sdn/fabric/node/openfabric:Openfabric": ["fabricId", "nodeId"],
  "proxmoxve:sdn/fabric/openfabric:Openfabric": ["resourceId"],
  "proxmoxve:sdn/subnet:Subnet": ["vnet", "cidr"],
  "proxmoxve:sdn/vnet:Vnet": ["resourceId"],
  "proxmoxve:sdn/zone/vlan:Vlan": ["resourceId"],
};
