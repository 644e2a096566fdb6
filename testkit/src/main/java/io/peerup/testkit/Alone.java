package io.peerup.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/// An integration test that compares times, or loads the machine so that others would: the build
/// runs no other one meanwhile.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Tag("alone")
public @interface Alone {}
