package main

import (
	"github.com/siderolabs/talos/pkg/machinery/api/resource/definitions/block"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// disk is one disk of a machine, in the words of the plan.
type disk struct {
	Device   string  `json:"device"`
	SizeGiB  float64 `json:"sizeGiB"`
	Model    string  `json:"model"`
	Serial   string  `json:"serial"`
	Type     string  `json:"type"`
	BusPath  string  `json:"busPath"`
	WWID     string  `json:"wwid"`
	UUID     string  `json:"uuid"`
	Modalias string  `json:"modalias"`
}

// transports are what Talos calls the way to a disk of each type.
var transports = map[string]string{"nvme": "nvme", "sd": "mmc", "ssd": "sata", "hdd": "sata"}

func (d disk) spec() *block.DiskSpec {
	return &block.DiskSpec{
		DevPath:    d.Device,
		Size:       uint64(d.SizeGiB * (1 << 30)),
		Model:      d.Model,
		Serial:     d.Serial,
		Transport:  transports[d.Type],
		Rotational: d.Type == "hdd",
		BusPath:    d.BusPath,
		Wwid:       d.WWID,
		Uuid:       d.UUID,
		Modalias:   d.Modalias,
	}
}

// matchesOf are the disks that fit the disk selector of a configuration; none where it has none.
func matchesOf(provider config.Provider, disks []disk) ([]string, error) {
	out := []string{}

	expression, err := provider.Machine().Install().DiskMatchExpression()
	if err != nil || expression == nil {
		return out, err
	}

	for _, candidate := range disks {
		fits, err := expression.EvalBool(celenv.DiskLocator(), map[string]any{"disk": candidate.spec(), "system_disk": false})
		if err != nil {
			return nil, err
		}

		if fits {
			out = append(out, candidate.Device)
		}
	}

	return out, nil
}

// encryptionOf are the kinds of keys of the system volumes that are encrypted.
func encryptionOf(provider config.Provider) map[string][]string {
	out := map[string][]string{}

	for _, name := range []string{constants.StatePartitionLabel, constants.EphemeralPartitionLabel} {
		volume, ok := provider.Volumes().ByName(name)
		if !ok || volume.Encryption() == nil {
			continue
		}

		for _, key := range volume.Encryption().Keys() {
			switch {
			case key.TPM() != nil && key.TPM().CheckSecurebootOnEnroll():
				out[name] = append(out[name], key.TPM().String())
			case key.NodeID() != nil:
				out[name] = append(out[name], "nodeID")
			case key.Static() != nil:
				out[name] = append(out[name], key.Static().String())
			}
		}
	}

	return out
}
