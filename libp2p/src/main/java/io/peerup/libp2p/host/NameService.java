package io.peerup.libp2p.host;

import java.net.InetAddress;
import java.util.List;

/// What the DNS says about a name. Both block for as long as a resolver takes, and throw
/// [PeerUnreachable] if there is no answer.
interface NameService {

  /// Addresses of both families, in the order in which the system would try them.
  List<InetAddress> addresses(String name);

  /// TXT records, the strings of each joined.
  List<String> texts(String name);
}
