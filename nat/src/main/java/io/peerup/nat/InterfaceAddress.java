package io.peerup.nat;

import java.net.InetAddress;

/// One address of an interface that is up.
///
/// @param interfaceName e.g. `eth0`
/// @param address the address, without scope
/// @param overlay whether the interface belongs to another overlay, a container bridge or a tunnel
///   and says nothing about how the machine is reached
public record InterfaceAddress(String interfaceName, InetAddress address, boolean overlay) {}
