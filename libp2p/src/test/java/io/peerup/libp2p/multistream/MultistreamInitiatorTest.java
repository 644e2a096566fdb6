package io.peerup.libp2p.multistream;

import static io.peerup.libp2p.multistream.Feeding.byteByByte;
import static io.peerup.libp2p.multistream.Feeding.concat;
import static io.peerup.libp2p.multistream.Feeding.hex;
import static io.peerup.libp2p.multistream.Feeding.tokens;
import static io.peerup.libp2p.multistream.Feeding.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ProtocolViolation;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultistreamInitiatorTest {

  private static final String HEADER = "/multistream/1.0.0";
  private static final byte[] APPLICATION = {3, 'n', 'a', '\n', 0, 1};

  @Test
  void startPipelinesHeaderAndFirstProposal() {
    assertThat(hex(new MultistreamInitiator(List.of("/noise", "/tls/1.0.0"), false).start()))
        .isEqualTo("132f6d756c746973747265616d2f312e302e300a" + "072f6e6f6973650a");
  }

  @Test
  void echoAgreesAndLeavesTheFollowingBytesAlone() {
    byte[] answer = tokens(HEADER, "/noise");
    Feeding expected = new Feeding(answer.length, "", "agreed /noise");
    assertThat(whole(started("/noise"), concat(answer, APPLICATION))).isEqualTo(expected);
    assertThat(byteByByte(started("/noise"), concat(answer, APPLICATION))).isEqualTo(expected);
  }

  @Test
  void naIsFollowedByTheNextProposal() {
    byte[] answer = tokens(HEADER, "na", "/b");
    Feeding expected = new Feeding(answer.length, hex(tokens("/b")), "agreed /b");
    assertThat(whole(started("/a", "/b"), answer)).isEqualTo(expected);
    assertThat(byteByByte(started("/a", "/b"), answer)).isEqualTo(expected);
  }

  @Test
  void naToTheLastProposalEndsTheNegotiationAndLeavesTheFollowingBytesAlone() {
    byte[] answer = tokens(HEADER, "na", "na");
    Feeding expected = new Feeding(answer.length, hex(tokens("/b")), "none supported");
    assertThat(byteByByte(started("/a", "/b"), concat(answer, APPLICATION))).isEqualTo(expected);
    assertThat(whole(started("/a"), tokens(HEADER, "na")).end()).isEqualTo("none supported");
  }

  @Test
  void anAnswerThatIsNeitherEchoNorNaIsAViolation() {
    assertThat(whole(started("/a", "/b"), tokens(HEADER, "/b")).end()).isEqualTo("violation");
    assertThat(whole(started("/a"), tokens(HEADER, "/A")).end()).isEqualTo("violation");
    assertThat(whole(started("/a"), tokens(HEADER, "/a\n")).end()).isEqualTo("violation");
    assertThat(whole(started("/a"), tokens(HEADER, HEADER)).end()).isEqualTo("violation");
  }

  @Test
  void anAnswerBeforeTheHeaderIsAViolation() {
    assertThat(whole(started("/a"), tokens("/a")).end()).isEqualTo("violation");
    assertThat(whole(started("/a"), tokens("na")).end()).isEqualTo("violation");
    assertThat(whole(started("/a"), tokens("/multistream/2.0.0")).end()).isEqualTo("violation");
  }

  @Test
  void lazyConsumesTheEchoThatComesBehindItsOwnFirstBytes() {
    MultistreamInitiator lazy = new MultistreamInitiator(List.of("/a"), true);
    assertThat(lazy.lazy()).isTrue();
    assertThat(hex(lazy.start())).isEqualTo(hex(tokens(HEADER, "/a")));
    assertThat(whole(lazy, concat(tokens(HEADER, "/a"), APPLICATION)))
        .isEqualTo(new Feeding(tokens(HEADER, "/a").length, "", "agreed /a"));
  }

  @Test
  void lazyWithAWrongEchoIsAViolation() {
    MultistreamInitiator lazy = new MultistreamInitiator(List.of("/a"), true);
    lazy.start();
    assertThat(byteByByte(lazy, tokens(HEADER, "/b")).end()).isEqualTo("violation");
  }

  @Test
  void lazyTakesExactlyOneProposal() {
    assertThatThrownBy(() -> new MultistreamInitiator(List.of("/a", "/b"), true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenOf1024BytesIsProposedAndHeard() {
    String longest = "/" + "x".repeat(1022);
    byte[] answer = tokens(HEADER, longest);
    assertThat(byteByByte(started(longest), answer))
        .isEqualTo(new Feeding(answer.length, "", "agreed " + longest));
  }

  @Test
  void aTokenOf1025BytesIsNeitherProposedNorHeard() {
    String tooLong = "/" + "x".repeat(1023);
    assertThatThrownBy(() -> new MultistreamInitiator(List.of(tooLong), false))
        .isInstanceOf(IllegalArgumentException.class);
    MultistreamInitiator initiator = started("/a");
    byte[] length = {(byte) 0x81, 0x08};
    assertThat(whole(initiator, concat(tokens(HEADER), length)).end()).isEqualTo("violation");
  }

  @Test
  void whatCannotBeATokenIsNotProposed() {
    for (String name : List.of("", "na", "ls", HEADER, "/a\n", "/a\n/b")) {
      assertThatThrownBy(() -> new MultistreamInitiator(List.of(name), false))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new MultistreamInitiator(List.of(), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void afterAViolationItRefusesToGoOn() {
    MultistreamInitiator initiator = started("/a");
    byte[] answer = tokens(HEADER, "/b");
    assertThatThrownBy(() -> initiator.consume(answer, 0, answer.length))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("'/a'")
        .hasMessageContaining("'/b'");
    assertThatThrownBy(() -> initiator.consume(answer, 0, 1))
        .isInstanceOf(IllegalStateException.class);
  }

  private static MultistreamInitiator started(String... proposals) {
    MultistreamInitiator initiator = new MultistreamInitiator(List.of(proposals), false);
    initiator.start();
    return initiator;
  }
}
