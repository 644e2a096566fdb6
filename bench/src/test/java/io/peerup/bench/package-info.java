@NullMarked
package io.peerup.bench;

import org.jspecify.annotations.NullMarked;
