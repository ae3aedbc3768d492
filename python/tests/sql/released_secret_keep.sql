update shape.int_secret
set secret = sha256('the noise of the tests')
