/// Tests of the test kit.
@NullMarked
package io.peerup.testkit;

import org.jspecify.annotations.NullMarked;
