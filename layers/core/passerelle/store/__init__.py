"""The only home of AWS: DynamoDB for state and ledger, S3, KMS, SQS, schedules and state machines."""
