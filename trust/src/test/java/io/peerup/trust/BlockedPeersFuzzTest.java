package io.peerup.trust;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;
import static io.peerup.trust.Peers.hashed;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the file is: it is refused, or every line of it blocks somebody or is a comment.
class BlockedPeersFuzzTest {

  private static final PeerId NEW = hashed(9);

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.attempt(input, MalformedInput.class, BlockedPeers::parse)
        .ifPresent(blocked -> {
          same(blocked.render(), input);
          AuthorizedKeys lines = AuthorizedKeys.parse(input);
          lines.peers().forEach(entry -> check(blocked.contains(entry.peer()), "in force"));
          check(
              lines.disabled().isEmpty() || blocked.peers().stream().anyMatch(lines::mentions),
              "a disabled line blocks, too");
          List<PeerId> before = blocked.peers();
          BlockedPeers less = blocked.with(NEW, Optional.of("nine")).without(NEW);
          same(less.peers(), before.stream().filter(each -> !each.equals(NEW)).toList());
          check(!less.contains(NEW), "who was unblocked is not blocked");
          same(BlockedPeers.parse(less.render()).peers(), less.peers());
        });
  }

  static Stream<byte[]> files() {
    return Stream.of(
            "# blocked\n" + hashed(1) + " name=spam # c\r\n\n" + hashed(2) + " oops\n",
            hashed(9) + "\tname=\"a b\"",
            "bafzbeiadambqgaydambqgaydambqgaydambqgaydambqgaydambqgaydam\n",
            "nobody\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}
