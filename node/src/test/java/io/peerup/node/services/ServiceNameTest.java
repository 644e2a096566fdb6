package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNameTest {

  @ParameterizedTest
  @ValueSource(strings = {"w", "web", "ssh-2", "0", "a--b"})
  void labelsAreNames(String name) {
    assertThat(ServiceName.check(name)).isEqualTo(name);
  }

  @Test
  void sixtyThreeCharactersFitAndSixtyFourDoNot() {
    assertThat(ServiceName.isValid("a".repeat(63))).isTrue();
    assertThat(ServiceName.isValid("a".repeat(64))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Web", "-web", "web-", "we b", "web\n", "w.b", "wéb", "../x", "\u202eweb"})
  void anythingElseIsRefusedWithAnExample(String name) {
    assertThatThrownBy(() -> ServiceName.check(name))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("bad-service-name");
              assertThat(e.hint()).contains("`web`");
              assertThat(e.message()).doesNotContain("\u202e").doesNotContain("\n");
            });
  }
}
