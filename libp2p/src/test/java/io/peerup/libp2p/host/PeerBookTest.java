package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PrivateKey;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerBookTest {

  private static final PeerId PEER = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());

  private final PeerBook book = new PeerBook();

  private static Multiaddr address(int port) {
    return Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port);
  }

  private static PeerInfo info(PeerId peer, int addresses) {
    return new PeerInfo(
        peer,
        "",
        "",
        List.of(),
        IntStream.rangeClosed(1, addresses).mapToObj(PeerBookTest::address).toList(),
        Optional.empty(),
        false);
  }

  @Test
  void addressesThatWorkedComeFirst() {
    book.told(info(PEER, 3));
    book.reached(PEER, address(9));
    book.reached(PEER, address(3));
    assertThat(book.addresses(PEER))
        .containsExactly(address(3), address(9), address(1), address(2));
  }

  @Test
  void addressesAreBoundedWhileConnectedAndMoreSoAfterwards() {
    book.told(info(PEER, 600));
    assertThat(book.addresses(PEER)).hasSize(PeerBook.ADDRESSES_CONNECTED_MAX);
    book.disconnected(PEER);
    assertThat(book.addresses(PEER)).hasSize(PeerBook.ADDRESSES_MAX);
    for (int port = 1; port <= 50; port++) {
      book.reached(PEER, address(port));
    }
    assertThat(book.addresses(PEER)).hasSizeLessThanOrEqualTo(2 * PeerBook.ADDRESSES_MAX);
  }

  @Test
  void thePeerNotAskedAboutForTheLongestTimeIsForgotten() {
    book.reached(PEER, address(1));
    for (int i = 0; i < PeerBook.PEERS_MAX; i++) {
      byte[] hash = new byte[34];
      hash[0] = 0x12;
      hash[1] = 0x20;
      hash[2] = (byte) (i >>> 8);
      hash[3] = (byte) i;
      book.reached(PeerId.fromBytes(hash), address(2));
      if (i == PeerBook.PEERS_MAX - 2) {
        assertThat(book.addresses(PEER)).isNotEmpty();
      }
    }
    // Asked about just before the last one came, so the first of the others had to go.
    assertThat(book.addresses(PEER)).isNotEmpty();
    byte[] first = new byte[34];
    first[0] = 0x12;
    first[1] = 0x20;
    assertThat(book.addresses(PeerId.fromBytes(first))).isEmpty();
  }
}
