package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// The failure that a call must end with.
public final class Failures {
  private Failures() {}

  public static Failure of(ThrowingCallable call) {
    Failure failure = catchThrowableOfType(Failure.class, call);
    assertThat(failure).as("expected a Failure, but the call returned").isNotNull();
    return failure;
  }
}
