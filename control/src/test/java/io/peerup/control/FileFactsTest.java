package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileFactsTest {

  private static final int REGULAR = 0100000;

  private static boolean isCredential(String mode, int uid) {
    return new FileFacts(REGULAR | Integer.parseInt(mode, 8), uid, 1, 1, 1).isCredential();
  }

  @ParameterizedTest
  @CsvSource({
    "600, true",
    "400, true",
    "440, true",
    "640, true",
    "460, false",
    "441, false",
    "444, false",
    "404, false",
    "644, false"
  })
  void aFileOfRootsIsACredentialIfAtMostItsGroupMayReadIt(String mode, boolean expected) {
    assertThat(isCredential(mode, 0)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"600", "400", "440"})
  void aFileOfAnotherUsersIsNone(String mode) {
    assertThat(isCredential(mode, FileFacts.ourUid() + 1)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"600, true", "400, true", "604, false", "660, false", "620, false"})
  void aFileOfOursIsOneIfNobodyElseMayUseIt(String mode, boolean expected) {
    assertThat(isCredential(mode, FileFacts.ourUid())).isEqualTo(expected);
  }
}
