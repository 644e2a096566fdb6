/// Tests of authorized_keys, its file and the decision.
@NullMarked
package io.peerup.trust;

import org.jspecify.annotations.NullMarked;
