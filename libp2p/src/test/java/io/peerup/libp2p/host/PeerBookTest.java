package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PrivateKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerBookTest {

  private static final PeerId PEER = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());

  private static final OptionalLong NONE = OptionalLong.empty();

  private final PeerBook book = new PeerBook();

  private static Multiaddr address(int port) {
    return Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port);
  }

  private static PeerInfo info(PeerId peer, int addresses) {
    return new PeerInfo(
        peer,
        "",
        "",
        List.of("/test/1"),
        IntStream.rangeClosed(1, addresses).mapToObj(PeerBookTest::address).toList(),
        Optional.empty(),
        false);
  }

  @Test
  void addressesThatWorkedComeFirst() {
    book.told(info(PEER, 3), NONE);
    book.reached(PEER, address(9));
    book.reached(PEER, address(3));
    assertThat(book.addresses(PEER))
        .containsExactly(address(3), address(9), address(1), address(2));
  }

  @Test
  void addressesAreBoundedWhileConnectedAndMoreSoAfterwards() {
    book.told(info(PEER, 600), NONE);
    assertThat(book.addresses(PEER)).hasSize(PeerBook.ADDRESSES_CONNECTED_MAX);
    book.disconnected(PEER);
    assertThat(book.addresses(PEER)).hasSize(PeerBook.ADDRESSES_MAX);
    assertThat(book.info(PEER).orElseThrow().listenAddresses()).hasSize(PeerBook.ADDRESSES_MAX);
    assertThat(book.info(PEER).orElseThrow().protocols()).isEmpty();
    for (int port = 1; port <= 50; port++) {
      book.reached(PEER, address(port));
    }
    assertThat(book.addresses(PEER)).hasSizeLessThanOrEqualTo(2 * PeerBook.ADDRESSES_MAX);
  }

  private static PeerId stranger(int number) {
    byte[] hash = new byte[34];
    hash[0] = 0x12;
    hash[1] = 0x20;
    hash[2] = (byte) (number >>> 16);
    hash[3] = (byte) (number >>> 8);
    hash[4] = (byte) number;
    return PeerId.fromBytes(hash);
  }

  @Test
  void thePeerNotAskedAboutForTheLongestTimeIsForgotten() {
    book.reached(PEER, address(1));
    for (int i = 0; i < PeerBook.PEERS_MAX; i++) {
      book.reached(stranger(i), address(2));
      if (i == PeerBook.PEERS_MAX - 2) {
        assertThat(book.addresses(PEER)).isNotEmpty();
      }
    }
    // Asked about just before the last one came, so the first of the others had to go.
    assertThat(book.addresses(PEER)).isNotEmpty();
    assertThat(book.addresses(stranger(0))).isEmpty();
  }

  @Test
  void aHundredThousandStrangersAreForgottenAndNoPeerThatWeReached() {
    book.reached(PEER, address(1));
    for (int i = 0; i < 100_000; i++) {
      PeerId stranger = stranger(i);
      book.told(info(stranger, 1), OptionalLong.of(i));
      if (i % 2 == 0) {
        book.disconnected(stranger);
      }
    }
    assertThat(book.addresses(PEER)).containsExactly(address(1));
    long kept = IntStream.range(0, 100_000).filter(i -> book.info(stranger(i)).isPresent()).count();
    assertThat(kept).isEqualTo(PeerBook.VISITORS_MAX);
    // One that we reach meanwhile is no visitor any more, and keeps what it told.
    PeerId friend = stranger(99_999);
    book.reached(friend, address(7));
    for (int i = 0; i < 2 * PeerBook.VISITORS_MAX; i++) {
      book.told(info(stranger(i), 1), NONE);
    }
    assertThat(book.addresses(friend)).containsExactly(address(7), address(1));
    assertThat(book.info(friend)).isPresent();
  }

  @Test
  void anOlderRecordChangesNoAddressAndTheSameOrANewerOneDoes() {
    book.told(info(PEER, 3), OptionalLong.of(7));
    PeerInfo counts = book.told(info(PEER, 1), OptionalLong.of(6));
    assertThat(counts.listenAddresses()).hasSize(3);
    assertThat(book.info(PEER)).contains(counts);
    assertThat(book.addresses(PEER)).hasSize(3);
    book.told(info(PEER, 1), OptionalLong.of(7));
    assertThat(book.addresses(PEER)).hasSize(1);
    book.told(info(PEER, 2), OptionalLong.of(-1)); // 2^64 - 1
    assertThat(book.addresses(PEER)).hasSize(2);
    book.disconnected(PEER);
    book.told(info(PEER, 5), OptionalLong.of(8));
    assertThat(book.addresses(PEER)).hasSize(2);
  }
}
