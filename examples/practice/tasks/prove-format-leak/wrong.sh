# The way that is known from elsewhere ends in a private name.
printf '{to.__init__.__globals__}' > template.txt
