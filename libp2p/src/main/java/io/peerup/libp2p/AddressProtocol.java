package io.peerup.libp2p;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The protocols a multiaddr may name: number, name and form of the value (multiformats/multiaddr,
/// protocols.csv).
enum AddressProtocol {
  IP4(4, "ip4", AddressValue.IP4),
  TCP(6, "tcp", AddressValue.PORT),
  IP6(41, "ip6", AddressValue.IP6),
  IP6ZONE(42, "ip6zone", AddressValue.ZONE),
  IPCIDR(43, "ipcidr", AddressValue.PREFIX_LENGTH),
  DNS(53, "dns", AddressValue.NAME),
  DNS4(54, "dns4", AddressValue.NAME),
  DNS6(55, "dns6", AddressValue.NAME),
  DNSADDR(56, "dnsaddr", AddressValue.NAME),
  UDP(273, "udp", AddressValue.PORT),
  WEBRTC_DIRECT(280, "webrtc-direct", AddressValue.NONE),
  WEBRTC(281, "webrtc", AddressValue.NONE),
  P2P_CIRCUIT(290, "p2p-circuit", AddressValue.NONE),
  UNIX(400, "unix", AddressValue.PATH),
  P2P(421, "p2p", AddressValue.PEER),
  HTTPS(443, "https", AddressValue.NONE),
  ONION3(445, "onion3", AddressValue.ONION3),
  TLS(448, "tls", AddressValue.NONE),
  SNI(449, "sni", AddressValue.NAME),
  NOISE(454, "noise", AddressValue.NONE),
  QUIC(460, "quic", AddressValue.NONE),
  QUIC_V1(461, "quic-v1", AddressValue.NONE),
  WEBTRANSPORT(465, "webtransport", AddressValue.NONE),
  CERTHASH(466, "certhash", AddressValue.CERTIFICATE_HASH),
  WS(477, "ws", AddressValue.NONE),
  WSS(478, "wss", AddressValue.NONE),
  HTTP(480, "http", AddressValue.NONE),
  HTTP_PATH(481, "http-path", AddressValue.PERCENT_ENCODED),
  MEMORY(777, "memory", AddressValue.LABEL);

  /// What older texts call `p2p`.
  private static final String P2P_ALIAS = "ipfs";

  private static final Map<String, AddressProtocol> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(p -> p.label, Function.identity()));
  private static final Map<Integer, AddressProtocol> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(p -> p.code, Function.identity()));

  private final int code;
  private final String label;
  private final AddressValue value;

  AddressProtocol(int code, String label, AddressValue value) {
    this.code = code;
    this.label = label;
    this.value = value;
  }

  int code() {
    return code;
  }

  String label() {
    return label;
  }

  AddressValue value() {
    return value;
  }

  static AddressProtocol named(String name) {
    @Nullable AddressProtocol found = BY_NAME.get(name.equals(P2P_ALIAS) ? P2P.label : name);
    if (found == null) {
      boolean showable =
          !name.isEmpty() && name.length() <= 20 && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
      throw new MalformedInput("address names an unknown protocol" + (showable ? ": " + name : ""));
    }
    return found;
  }

  static AddressProtocol coded(long code) {
    @Nullable AddressProtocol found = code > Integer.MAX_VALUE ? null : BY_CODE.get((int) code);
    if (found == null) {
      throw new MalformedInput("address names the unknown protocol " + code);
    }
    return found;
  }
}
