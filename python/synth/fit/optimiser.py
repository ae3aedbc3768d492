"""Finding the peak of a likelihood and how sharp it is; starts, bounds, steps."""

import math

import numpy as np

# Of a central difference; near the cube root of the rounding error.
STEP = 1e-5
# Of a second difference of a log-likelihood of up to 10^12.
_INFORMATION_STEP = 2e-3
# Half width of a 95 % interval in standard errors.
WIDTH = 1.959964


def moments(edges, counts):
    """Mean and standard deviation of x and of log x, from the middle of the buckets."""
    high = np.where(np.isfinite(edges[1:]), edges[1:], np.maximum(edges[:-1], 1.0) * 2)
    low = edges[:-1]
    middle = (low + high) / 2
    positive = np.maximum(np.where(low > 0, np.sqrt(np.abs(low * high)), high / 2), 1e-9)
    weight = counts / counts.sum()
    mean = float(np.sum(weight * middle))
    spread = float(np.sqrt(np.sum(weight * (middle - mean) ** 2)))
    log = np.log(positive)
    log_mean = float(np.sum(weight * log))
    log_spread = float(np.sqrt(np.sum(weight * (log - log_mean) ** 2)))
    return mean, max(spread, 1e-3 * abs(mean), 1e-9), log_mean, max(log_spread, 1e-3)


def start(name, moments, lower):
    mean, spread, log_mean, log_spread = moments
    positive = max(mean, 1e-9)
    if name == "normal":
        return mean, spread
    if name == "log_normal":
        return log_mean, log_spread
    if name == "exponential":
        return (1.0 / positive,)
    if name == "weibull":
        return 1.2 / log_spread, np.exp(log_mean + 0.577 * log_spread / 1.2)
    if name == "geometric":
        return (1.0 / (1.0 + max(mean - lower, 1e-3)),)
    if name in ("negative_binomial", "shifted_negative_binomial"):
        above = positive if name == "negative_binomial" else max(mean - lower, 1e-2)
        excess = max(spread**2 - above, 0.05 * above)
        r = min(max(above**2 / excess, 1e-2), 1e6)
        return r, min(max(r / (r + above), 1e-9), 1 - 1e-9)
    if name.endswith("power_law"):
        alpha = 1.0 + 1.0 / max(log_mean - np.log(lower) + 1e-2, 1e-2)
        return (alpha,) if name == "power_law" else (max(alpha - 0.3, 0.3), 0.2 / (mean + spread))
    if name == "log_normal_mixture":
        apart = 0.8 * log_spread
        return 0.5, log_mean - apart, 0.7 * log_spread, log_mean + apart, 0.7 * log_spread
    if name == "geometric_mixture":
        above = max(mean - lower, 1e-3)
        return 0.5, 1.0 / (1.0 + above / 3.0), 1.0 / (1.0 + above * 3.0)
    return 1.0 / log_spread + 0.5, 1.0 / log_spread + 0.5, log_mean, max(log_spread / 2, 0.05)


def transforms(family):
    """Functions between parameters and an unbounded space, where the optimiser walks."""
    bounds = [family.bounds[key] for key in family.parameters]

    def to_natural(free):
        values = []
        for value, (low, high) in zip(free, bounds, strict=True):
            # Plain floats: on a pair of numbers numpy's overhead is the whole cost.
            value = min(max(float(value), -1e14), 1e14)
            if math.isfinite(low):
                value = min(max(value, -35.0), 35.0)
                bounded = math.isfinite(high)
                value = (high - low) / (1 + math.exp(-value)) if bounded else math.exp(value)
                value += low
            values.append(value)
        return tuple(values)

    def to_free(theta):
        values = []
        for value, (low, high) in zip(theta, bounds, strict=True):
            if np.isfinite(low) and np.isfinite(high):
                share = np.clip((value - low) / (high - low), 1e-12, 1 - 1e-12)
                values.append(np.log(share / (1 - share)))
            elif np.isfinite(low):
                values.append(np.log(max(value - low, 1e-12)))
            else:
                values.append(value)
        return np.array(values, dtype=float)

    return to_natural, to_free


def minimised(loss, start):
    from scipy.optimize import minimize

    def with_gradient(free):
        value = loss(free)
        slope = np.empty(free.size)
        for place in range(free.size):
            step = STEP * max(abs(free[place]), 1.0)
            ahead, behind = free.copy(), free.copy()
            ahead[place] += step
            behind[place] -= step
            slope[place] = (loss(ahead) - loss(behind)) / (2 * step)
        return value, slope

    with np.errstate(all="ignore"):
        options = {"gtol": 1e-6, "ftol": 1e-12, "maxiter": 80, "maxfun": 160}
        found = minimize(with_gradient, start, method="L-BFGS-B", jac=True, options=options)
        if not np.isfinite(found.fun) or found.nit < 2:
            # Numeric gradients fail at a cliff; the simplex is slow but does not mind.
            begin = found.x if np.all(np.isfinite(found.x)) and found.fun < 1e11 else start
            options = {"xatol": 1e-5, "fatol": 1e-9, "maxiter": 150 * start.size}
            simplex = minimize(loss, begin, method="Nelder-Mead", options=options)
            if not found.fun <= simplex.fun:
                found = simplex
    return found.x if np.isfinite(found.fun) and found.fun < 1e11 else None


def _information_step(problem, free, place):
    """A step that changes the likelihood by more than rounding does."""
    step, here = _INFORMATION_STEP, problem.loss(free)
    for _ in range(20):
        point = np.array(free, dtype=float)
        point[place] += step
        if abs(problem.loss(point) - here) > 1e-7:
            break
        step *= 3.0
    return step


def information(problem, free):
    """Observed information of one observation: second differences of the mean log-likelihood."""
    size = free.size
    step = [_information_step(problem, free, place) for place in range(size)]
    found = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            value = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = np.array(free, dtype=float)
                moved[i] += a * step[i]
                moved[j] += b * step[j]
                value += a * b * problem.loss(moved)
            found[i, j] = found[j, i] = value / (4 * step[i] * step[j])
    return found


def uncertainty(problem, free):
    """Standard errors and 95 % intervals from the observed information.

    In the optimiser's space, where a likelihood is nearer to a parabola; an interval is carried
    back from there, so that it stays within the parameter's bounds.
    """
    try:
        variance = np.diag(np.linalg.inv(information(problem, free) * problem.evidence.n))
    except np.linalg.LinAlgError:
        return {}
    errors, intervals = {}, {}
    for place, name in enumerate(problem.family.parameters):
        one = variance[place]
        # A likelihood this flat says nothing about the parameter.
        if not (np.isfinite(one) and 0 < one < 100.0):
            continue
        half = math.sqrt(one)

        def moved(width, place=place):
            point = np.array(free, dtype=float)
            point[place] += width
            return float(problem.to_natural(point)[place])

        errors[name] = half * (moved(1e-6) - moved(-1e-6)) / 2e-6
        intervals[name] = [moved(-WIDTH * half), moved(WIDTH * half)]
    return {"standard_errors": errors, "intervals": intervals}
