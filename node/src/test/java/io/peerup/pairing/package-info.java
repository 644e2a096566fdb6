@NullMarked
package io.peerup.pairing;

import org.jspecify.annotations.NullMarked;
