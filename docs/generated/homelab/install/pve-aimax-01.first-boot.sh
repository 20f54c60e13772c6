#!/bin/sh
# pve-aimax-01: the management address moves to vmbr0.16, before the network comes up for the first time.
set -eu
cat > /etc/network/interfaces.new <<'INTERFACES'
auto lo
iface lo inet loopback

iface eno1 inet manual

auto enp1s0f0
iface enp1s0f0 inet manual

auto enp1s0f1
iface enp1s0f1 inet manual

auto vmbr0
iface vmbr0 inet manual
	bridge-ports eno1
	bridge-stp off
	bridge-fd 0
	bridge-vlan-aware yes
	bridge-vids 16 28
	mtu 1500

auto vmbr0.16
iface vmbr0.16 inet static
	address 10.8.16.12/24
	gateway 10.8.16.1
	mtu 1500

source /etc/network/interfaces.d/*
INTERFACES
cp -n /etc/network/interfaces /etc/network/interfaces.installed
mv /etc/network/interfaces.new /etc/network/interfaces
