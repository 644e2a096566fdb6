package io.peerup.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// A command about one peer, which need not be known here.
abstract class OnePeer extends PeerupCommand {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PEER",
      description = "Its name or peer id.")
  @Nullable String peer;

  @Option(names = "--id", paramLabel = "PEER-ID", description = "Its peer id, instead of PEER.")
  @Nullable String id;

  /// What was typed. @throws io.peerup.control.Failure `bad-peer-id`
  final String typed() {
    if ((peer == null) == (id == null)) {
      throw misuse("name one peer: by PEER, its name or peer id, or by --id");
    }
    if (id != null) {
      Addresses.checkPeerId(id);
      return id;
    }
    return String.valueOf(peer);
  }
}
