package io.peerup.nat;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// What one relay saw as our source address, over a connection that we opened.
///
/// @param observer who says so, for the evidence text
/// @param observerIp the observer's own address as we dialled it: two observers count as
///   independent only if these differ
/// @param local our end of that connection
/// @param seen the source address the observer saw
public record Observation(
    String observer, InetAddress observerIp, InetSocketAddress local, InetSocketAddress seen) {}
